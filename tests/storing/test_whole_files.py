"""Files that are whole or not there: crashes, permissions, links, devices, pipes."""

import os
import stat
import subprocess
import sys
import threading

import pytest

from tinygrad_lite.storing import write_whole

posix = pytest.mark.skipif(os.name != "posix", reason="links, pipes and permissions are POSIX's")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_pieces_are_written_one_after_the_other(tmp_path):
    for path in (tmp_path / "f", tmp_path / ("ø" * 120)):
        write_whole(path, b"ab", b"", b"c")
        write_whole(path, b"a", b"bc")
        assert path.read_bytes() == b"abc"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("error", [OSError("the disk is gone"), KeyboardInterrupt()])
@pytest.mark.parametrize("function", ["replace", "fsync"])
def test_a_crash_leaves_the_old_content_and_nothing_else(function, error, tmp_path, monkeypatch):
    path = tmp_path / "f"
    path.write_bytes(b"old")

    def crash(*_):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(os, function, crash)
        with pytest.raises(type(error)):
            write_whole(path, b"new")
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"old"


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "none" / "f", b"new")
    with pytest.raises(OSError, match=r"directory|denied"):
        write_whole(tmp_path, b"new")


@posix
def test_permissions_are_those_of_any_new_file_and_stay(tmp_path):
    ours, any_file = tmp_path / "f", tmp_path / "g"
    write_whole(ours, b"")
    any_file.touch()
    assert mode(ours) == mode(any_file)
    ours.chmod(0o600)
    write_whole(ours, b"new")
    assert mode(ours) == 0o600


@posix
def test_nobody_reads_on_the_way_what_only_the_owner_may(tmp_path, monkeypatch):
    path, seen = tmp_path / "f", []
    path.touch(0o600)
    path.chmod(0o600)
    monkeypatch.setattr(os, "fsync", lambda handle: seen.append(stat.S_IMODE(os.fstat(handle).st_mode)))
    created = []

    def opened(name, flags, mode=0o777, *, open=os.open):
        created.append(mode)
        return open(name, flags, mode)

    monkeypatch.setattr(os, "open", opened)
    write_whole(path, b"new")
    assert created[0] == 0o600
    assert seen[0] == 0o600


@posix
def test_the_umask_is_for_new_files_alone(tmp_path):
    """Bits that the umask takes from a new file are an old one's own; in a process of its own, whose umask it is."""
    code = (
        "import os, sys; from pathlib import Path; from tinygrad_lite.storing import write_whole; os.umask(0o027);"
        "old, new = map(Path, sys.argv[1:]); write_whole(old, b'2'); write_whole(new, b'2')"
    )
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(b"1")
    old.chmod(0o666)
    subprocess.run([sys.executable, "-c", code, old, new], check=True, timeout=60)
    assert (mode(old), mode(new)) == (0o666, 0o640)


@posix
@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root gives files away")
def test_the_owner_stays(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b"old")
    path.chmod(0o4750)
    os.chown(path, 1234, 4321)
    path.chmod(0o4750)
    write_whole(path, b"new")
    assert (path.stat().st_uid, path.stat().st_gid, mode(path)) == (1234, 4321, 0o4750)


@posix
@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_and_what_it_leads_to_is_replaced(there, tmp_path):
    (tmp_path / "folder").mkdir()
    target, link = tmp_path / "folder" / "f", tmp_path / "link"
    if there:
        target.write_bytes(b"old")
    link.symlink_to(target)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert [path.name for path in target.parent.iterdir()] == ["f"]


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="nothing is denied to root")
def test_a_folder_that_takes_no_new_files(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b"old")
    tmp_path.chmod(0o500)
    try:
        write_whole(path, b"new")
        assert path.read_bytes() == b"new"
        with pytest.raises(PermissionError):
            write_whole(tmp_path / "g", b"new")
    finally:
        tmp_path.chmod(0o700)


@posix
def test_a_pipe_stays_a_pipe(tmp_path):
    pipe, came = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: came.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, b"new")
    reader.join(30)
    assert came == [b"new"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="there is no /dev/stdout")
def test_the_standard_output_is_written_to_and_not_replaced(tmp_path):
    code = (
        "from pathlib import Path; from tinygrad_lite.storing import write_whole; "
        "write_whole(Path('/dev/stdout'), b'new')"
    )
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, capture_output=True, check=True, timeout=60).stdout == b"new"
    with (tmp_path / "f").open("wb") as file:
        subprocess.run(command, stdout=file, check=True, timeout=60)
        assert os.fstat(file.fileno()).st_ino == (tmp_path / "f").stat().st_ino
    assert (tmp_path / "f").read_bytes() == b"new"
