"""The Mermaid text: arrows with their labels, boxes with their looks, and every name as the text it is."""

from __future__ import annotations

import numpy as np

import tinygrad_lite as tl


def test_mermaid_quotes_everything() -> None:
    x = tl.tensor([1.0, 2.0], requires_grad=True, name='<b>"x"\n{|}')
    text = tl.draw(x - np.ones(2)).mermaid
    assert "#60;b#62;#34;x#34;<br/>#123;#124;#125;" in text
    assert 'd0 -->|"a"| o2' in text
    assert "classDef operation fill:#2F4154" in text
