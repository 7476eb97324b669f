"""Formulas as lecture notes have them, which were read wrongly once, or not at all."""

from .written import Written

NETWORK = ("x: vector n", "W_1: matrix m × n", "W_2: matrix k × m", "t: vector k")
FORWARD = (r"h_1 = \tanh(W_1 x)", r"h_2 = W_2 h_1", r"L = \frac12 \|h_2 - t\|^2")
SUMS = ("x: vector n", "w: vector m", "g: vector n - m + 1")
LINEAR = ("X: matrix N × D", "w: vector D", "y: vector N")

LECTURES = (
    # a number below a new letter is a part of its name
    Written(r"\frac{\partial L}{\partial W_2} = (h_2 - t) h_1^T", ("holds",), NETWORK, FORWARD),
    Written(r"\frac{\partial L}{\partial (W_2)_{ij}} = (h_2 - t)_i (h_1)_j", ("holds",), NETWORK, FORWARD),
    Written(r"\frac{\partial L}{\partial (W_2)_{ij}} = (h_2 - t)_j (h_1)_i", ("misprinted",), NETWORK, FORWARD),
    Written(r"x_1 = 3", ("not read",), ("x: vector n",), (), "x is given"),
    Written(r"y_1 = x_1 x_2", ("not read",), ("x: vector 2", "y: vector 2"), (), "y is given"),
    # names that lengths have, and signs that are none
    Written(r"H_{nj} = x_n x_j", ("defines",), ("x: vector H",)),
    Written(r"x_n = H_{nj}", ("not read",), ("x: vector H",), (), "H is the length of an axis"),
    Written(
        r"\mathbf{h} = \tanh(W \mathbf{x})", ("not read",), (r"W: matrix h × d", r"\mathbf{x}: vector d"), (), "length",
    ),
    Written(r"\partial L = 2", ("not read",), (), (r"L = x^2",), "stands here by itself"),
    # powers of functions
    Written(r"\sin^2(x) + \cos^2(x) = \mathbf{1}", ("holds",), ("x: vector n",)),
    Written(r"\tanh^{-1}(u) = 1 / \tanh(u)", ("not read",), (), (), "the inverse function"),
    # ends of sums
    Written(r"y + 0 = \sum_{i=1}^{n^2} x_i", ("misprinted",), SUMS, (r"y = \sum_{i=1}^n x_i",), "ends behind"),
    Written(r"y + 0 = \sum_{i=1}^{n+1} x_i", ("misprinted",), SUMS, (r"y = \sum_{i=1}^n x_i",), "ends behind"),
    Written(r"y = \sum_{i=1}^{n-m+2} g_i", ("misprinted",), SUMS, (), "ends behind"),
    Written(r"y + 0 = \sum_{i=0}^{n-m+1} g_i", ("misprinted",), SUMS, (r"y = \sum_i g_i",), "begins with 0"),
    Written(r"y + 0 = \sum_{i=0}^{n-m} g_i", ("holds",), SUMS, (r"y = \sum_i g_i",)),
    Written(r"y + 0 = \sum_{i=-1}^{n} x_i", ("misprinted",), SUMS, (r"y = \sum_i x_i",), "begins before"),
    # conditions
    Written(
        r"\frac{\partial c}{\partial b} = 2, \text{ if } a = b", ("not read",), (), (r"c = a + b",), "no numbers",
    ),
    Written(
        r"\frac{\partial c}{\partial b} = 1 \quad\text{and}\quad \frac{\partial c}{\partial a} = 2",
        ("holds", "misprinted"), ("a, b: number",), (r"c = a + b",),
    ),
    Written(r"\boxed{\frac{\partial c}{\partial b} = 2}", ("misprinted",), ("a, b: number",), (r"c = a + b",)),
    # derivatives
    Written(
        r"\frac{\partial E}{\partial a} = \frac{\partial E}{\partial y} \frac{\partial a}{\partial y}", ("misprinted",),
        ("a: number",), (r"y = \tanh a", r"E = y^2"), "upside down",
    ),
    Written(
        r"\frac{\partial}{\partial \mu} (x - \mu)^T \Sigma^{-1} (x - \mu) = -2 \Sigma^{-1} (x - \mu)", ("holds",),
        ("x, μ: vector d", "Σ: matrix d × d, positive definite"),
    ),
    Written(
        r"\frac{\partial^2 f}{\partial x \, \partial x} = 2 X^T X", ("holds",),
        ("X: matrix N × D", "x: vector D"), (r"f = \|X x\|^2",),
    ),
    # what is said of numbers is not defined anew, and conditions do not contradict it
    Written(r"\Sigma = S", ("not read",), ("Σ, S: matrix d × d, positive definite",), (), "Σ is given"),
    Written(
        r"\operatorname{tr}(\Sigma^{-1} S) = \operatorname{tr}(\Sigma S)", ("misprinted",),
        ("Σ: matrix d × d, positive definite", "S: matrix d × d"),
    ),
    # a mistake is one, though a special case makes the claim true
    Written(
        r"\frac{\partial A x}{\partial x} = A^T", ("misprinted",), ("x: vector n", "A: matrix n × n"), (), "too many",
    ),
    # what was meant
    Written(r"\nabla_w J = X (X w - y)", ("misprinted",), LINEAR, (r"J = \frac12 \|X w - y\|^2",), "a transpose"),
    Written(r"\nabla_w J = \frac{1}{N} (X w - y)^T X", ("holds",), LINEAR, (r"J = \frac{1}{2 N} \|X w - y\|^2",)),
    Written(r"\nabla_w J = X^T (X w - y)", ("misprinted",), LINEAR, (r"J = \frac{1}{2 N} \|X w - y\|^2",), "1/N"),
)  # fmt: skip
