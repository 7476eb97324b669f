"""Formulas of homework, handouts and notebooks, a few for each kind of notation that was read wrongly or not at all."""

from __future__ import annotations

from .written import Written

QUADRATIC = r"f(x) = \frac12 x^T A x + b^T x"
MSE = r"f(w) = \frac12 \|X w - y\|^2"
ROWS = ("X: matrix n × d", "y: vector n", "w: vector d")
VARIANCE = (r"\mu = \frac{1}{D} \sum_{i=1}^D x_i", r"\sigma^2 = \frac{1}{D} \sum_{i=1}^D (x_i - \mu)^2")
TIMES = ("t: time 1…3", "W: matrix n × n", "h^t: vector n", "x^t: vector n", "vectors: entrywise")
LAYERED = (r"a_t = W h_{t-1} + x_t", r"h_t = \tanh(a_t)", r"L = \sum_t g^T h_t")
RECURRENT = (r"h^{(t)} = \tanh(W h^{(t-1)} + x^{(t)})", r"L = \sum_t g^T h^{(t)}")
NORMAL = r"\mathcal{N}(x \mid \mu, \sigma^2) = \frac{1}{\sqrt{2 \pi \sigma^2}} e^{-\frac{(x - \mu)^2}{2 \sigma^2}}"

NOTES = (
    # what is transposed is a column
    Written(r"\nabla f(x) = \frac12 (A + A^T) x + b", ("holds",), (), (QUADRATIC,)),
    Written(
        r"\frac{\partial L}{\partial \mu} = -\sum_{i=1}^n (A + A^T) (x_i - \mu)",
        ("holds",),
        (),
        (r"L = \sum_{i=1}^n (x_i - \mu)^T A (x_i - \mu)",),
    ),
    Written(r"u^T C u = \frac1n \sum_{i=1}^n (u^T x_i)^2", ("holds",), (), (r"C = \frac1n \sum_{i=1}^n x_i x_i^T",)),
    Written(r"L = \sum_{i=1}^n X_i^T X_i", ("not read",), (), (), "with an index, and without"),
    Written(r"X^T (y - X w) = X^T y - X^T X w", ("not read",), (), (), "y: vector n"),
    Written(
        r"\frac{\partial L}{\partial b} = z",
        ("not read",),
        ("z: vector n",),
        (r"L = \frac12 \|z + b\|^2",),
        "b: vector n",
    ),
    # shapes
    Written(
        r"\sum_{i=1}^N x_i^T x_i = \operatorname{tr}\left(\sum_{i=1}^N x_i x_i^T\right)",
        ("holds",),
        (),
        (r"x_1, \dots, x_N \in \mathbb{R}^d",),
    ),
    Written(r"A v + b = b + A v", ("holds",), ("A: matrix m × n",), (r"v \in \mathbb{R}^n", r"b, c \in \mathbb{R}^m")),
    Written(
        r"X^T y = \sum_{i=1}^n y_i x_i",
        ("not read",),
        ("X: matrix n × d", "x_i: vector d, i = 1…n", "y: vector n"),
        (),
        "define: X_{ij} = x_{ij}",
    ),
    Written(
        r"X^T y = \sum_{i=1}^n y_i x_i",
        ("holds",),
        ("x_i: vector d, i = 1…n", "y: vector n", "define: X_{ij} = x_{ij}"),
    ),
    # squares that are symbols
    Written(r"\frac{\partial \sigma^2}{\partial x_i} = \frac{2}{D} (x_i - \mu)", ("holds",), (), VARIANCE),
    Written(r"\frac{\partial \sigma}{\partial x_i} = \frac{x_i - \mu}{D \sigma}", ("holds",), (), VARIANCE),
    Written(r"\frac{\partial \sigma}{\partial x_i} = \frac{x_i - \mu}{\sigma}", ("misprinted",), (), VARIANCE),
    Written(
        r"\frac{\partial \ell}{\partial s^2} = \frac{a}{2 s^4} - \frac{1}{2 s^2}",
        ("holds",),
        (),
        (r"\ell = -\log s - \frac{a}{2 s^2}",),
    ),
    Written(
        r"\frac{\partial \ell}{\partial s} = \frac{a}{s^3} - \frac{1}{s}",
        ("not read",),
        ("s^2: number, positive",),
        (r"\ell = -\log s - \frac{a}{2 s^2}",),
        "take the derivative by s²",
    ),
    Written(
        r"\frac{\partial^2 \ell}{\partial (s^2)^2} = \frac{1}{2 s^4} - \frac{a}{s^6}",
        ("holds",),
        ("s^2: number, positive",),
        (r"\ell = -\log s - \frac{a}{2 s^2}",),
    ),
    # gradients without the variable, second derivatives
    Written(r"\nabla^2 f(w) = X^T X", ("holds",), ROWS, (MSE,)),
    Written(r"\nabla^2 f = \operatorname{tr}(X^T X)", ("not read",), ROWS, (MSE,), "write the Laplacian as its trace"),
    Written(
        r"\nabla g = A y", ("not read",), ("A: matrix n × n",), (r"g(x, y) = x^T A y",), "by which of its arguments"
    ),
    Written(r"\frac{\partial^2 f}{\partial w \, \partial w^T} = X^T X", ("holds",), ROWS, (MSE,)),
    Written(
        r"\frac{\partial^2 g}{\partial x \, \partial y^T} = A",
        ("holds",),
        ("A: matrix n × m", "x: vector n", "y: vector m"),
        (r"g = x^T A y",),
    ),
    Written(
        r"\frac{\partial^2 g}{\partial x \, \partial y^T} = A^T",
        ("misprinted",),
        ("A: matrix n × m", "x: vector n", "y: vector m"),
        (r"g = x^T A y",),
    ),
    Written(
        r"\frac{\partial p}{\partial z^T} = \operatorname{diag}(p) - p p^T",
        ("holds",),
        ("z: vector K", "layout: denominator"),
        (r"p = \operatorname{softmax}(z)",),
    ),
    Written(r"f(x + u) = f(x) + \nabla f(x)^T u + \frac12 u^T A u", ("holds",), ("A: matrix n × n",), (QUADRATIC,)),
    # conditions, and what is no identity
    Written(r"\nabla f(w) = X^T (X w - y) = 0", ("holds", "not a claim"), ROWS, (MSE,), "a derivative is set to zero"),
    Written(r"X^T X w = X^T y", ("not read",), ROWS, (), "for some values of what is given"),
    Written(r"X^T X v = X^T y", ("holds",), ROWS, (r"v = (X^T X)^{-1} X^T y",)),
    Written(
        r"A \theta^* = b", ("not read",), ("A: matrix n × n", "θ, b: vector n"), (), "for some values of what is given"
    ),
    # names
    Written(
        r"w^{\text{new}} = (I - A) w", ("holds",), ("A: matrix n × n", "w: vector n"), (r"w^{\text{new}} = w - A w",)
    ),
    Written(r"f_2(x) = x^3", ("defines",), (), (r"f(x) = x^2",)),
    Written(r"f_2'(x) = 3 x^2", ("holds",), (), (r"f(x) = x^2", r"f_2(x) = x^3")),
    Written(r"f_i(x) = A_{ij} x_j", ("holds",), ("sums: einstein", "A: matrix n × m", "x: vector m"), (r"f(x) = A x",)),
    Written(r"f_i(x) = 2", ("not read",), (), (r"f(x) = x^2",), "is no entry of what f gives"),
    Written(r"N_k = \sum_{n=1}^N r_{nk}", ("defines",)),
    Written(
        r"\frac{\partial A}{\partial \theta_k} = \pi_k",
        ("defines",),
        ("θ: vector K",),
        (r"A = \log \sum_{k=1}^K e^{\theta_k}",),
    ),
    Written(r"\hat m = \bar x = \frac1n \sum_{i=1}^n x_i", ("defines", "holds")),
    Written(
        r"dO = \frac{\partial L}{\partial O}",
        ("defines",),
        ("words: dO", "A: matrix n × m", "V: matrix m × d", "f: function number", "define: L = f(O)"),
        (r"O = A V",),
    ),
    Written(r"dS = 2", ("not read",), (), (), "words: dW"),
    # sums over times, scripts in brackets
    Written(
        r"\nabla_W L = \sum_t \left(\nabla_{h^{(t)}} L \odot (1 - (h^{(t)})^2)\right) {h^{(t-1)}}^T",
        ("holds",),
        (*TIMES, "g: vector n"),
        RECURRENT,
    ),
    Written(
        r"\nabla_W L = \sum_t \left(\nabla_{h^{(t)}} L \odot (1 - (h^{(t)})^2)\right) {h^{(t)}}^T",
        ("misprinted",),
        (*TIMES, "g: vector n"),
        RECURRENT,
    ),
    Written(r"h^{(t)} = \tanh(a h^{(t-1)})", ("not read",), (), (), "t: time 1…4"),
    Written(r"a^{[2]} = c", ("not read",), (), (), "in brackets above a"),
    Written(
        r"\frac{\partial L}{\partial W} = \sum_t \frac{\partial L}{\partial a_t} h_{t-1}^T",
        ("holds",),
        ("t: time 1…3", "W: matrix n × n", "h_t, x_t: vector n", "g: vector n"),
        LAYERED,
    ),
    Written(r"h_t = x_t + h_{t-1}", ("not read",), ("t: time 1…3", "x_t: number"), (), "what a recursion begins with"),
    # softmax, diag, densities
    Written(
        r"P_{ij} = \frac{e^{Z_{ij}}}{\sum_k e^{Z_{ik}}}",
        ("holds",),
        ("softmax: by rows", "Z: matrix n × m"),
        (r"P = \operatorname{softmax}(Z)",),
    ),
    Written(
        r"P_{ij} = \frac{e^{Z_{ij}}}{\sum_k e^{Z_{ik}}}",
        ("misprinted",),
        ("softmax: by columns", "Z: matrix n × m"),
        (r"P = \operatorname{softmax}(Z)",),
    ),
    Written(r"P = \operatorname{softmax}(Z)", ("not read",), ("Z: matrix n × m",), (), "softmax: by rows"),
    Written(
        r"v^T S v = \sum_{i=1}^n p_i (1 - p_i) v_i^2",
        ("holds",),
        (),
        (r"S = \operatorname{diag}(p_1 (1 - p_1), \dots, p_n (1 - p_n))",),
    ),
    Written(
        r"\mathcal{N}(x \mid \mu, \sigma^2) = \frac{1}{\sigma \sqrt{2 \pi}} e^{-\frac{(x - \mu)^2}{2 \sigma^2}}",
        ("holds",),
        ("s: number",),
        (NORMAL,),
    ),
    Written(
        r"\sum_{k=1}^K r_k = 1",
        ("holds",),
        (),
        (
            r"r_k = \frac{\pi_k \mathcal{N}(x \mid m_k, s_k^2)}{\sum_{j=1}^K \pi_j \mathcal{N}(x \mid m_j, s_j^2)}",
            NORMAL,
        ),
    ),
    Written(r"p(x | m) = e^{-m x}", ("defines",)),
    # the summation convention on the left
    Written(r"\delta_{ij} \delta_{jk} = \delta_{ik}", ("holds",), ("sums: einstein",)),
    Written(r"\frac{\partial y_i}{\partial x_i} = A_{ii}", ("holds",), ("sums: einstein",), (r"y_i = A_{ij} x_j",)),
    Written(
        r"\partial_i r = x_i / r",
        ("not read",),
        ("x: vector n",),
        (r"r = \sqrt{x^T x}",),
        r"\frac{\partial r}{\partial x_i}",
    ),
)
