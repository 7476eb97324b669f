"""What breaks a training off, so that it has to go on from a checkpoint."""

from tinygrad_lite.training import Callback


class Stop(Callback):
    """A power cut after so many batches."""

    def __init__(self, batches):
        self.left = batches

    def on_batch(self, run):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
