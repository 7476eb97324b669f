"""More formulas of the same kinds, from textbooks and courses."""

# ruff: noqa: E501 (formulas as they were written)
from __future__ import annotations

from .written import CROSS_ENTROPY, OUTPUT, SIGMOID, SOFTMAX, Written

NIELSEN = (
    "l: layer 1…L", "L = 3", "w^l: matrix n^l × n^{l-1}", "b^l: vector n^l", "a^l: vector n^l", "z^l: vector n^l",
    "δ^l: vector n^l", "y: vector n^3", "σ: elementwise",
    r"define: z^l_j = \sum_k w^l_{jk} a^{l-1}_k + b^l_j", r"define: a^l_j = \sigma(z^l_j)",
    r"define: C = \frac{1}{2} \sum_j (y_j - a^L_j)^2", r"define: \delta^l_j = \frac{\partial C}{\partial z^l_j}",
)  # fmt: skip
MLP_ROWS = (
    "X: matrix N × D", "W_1: matrix D × H", "b_1: vector H", "W_2: matrix H × K", "b_2: vector K", "T: matrix N × K",
)  # fmt: skip

MORE = (
    # index form
    Written(r"\delta^L_j = \frac{\partial C}{\partial a^L_j} \sigma'(z^L_j)", ("holds",), NIELSEN),
    Written(r"\delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)", ("holds",), NIELSEN),
    Written(r"\delta^l = (w^{l+1} \delta^{l+1}) \odot \sigma'(z^l)", ("misprinted",), NIELSEN),
    Written(r"\frac{\partial C}{\partial b^l_j} = \delta^l_j", ("holds",), NIELSEN),
    Written(r"\frac{\partial C}{\partial w^l_{jk}} = a^{l-1}_k \delta^l_j", ("holds",), NIELSEN),
    Written(r"\frac{\partial C}{\partial w^l_{jk}} = a^{l}_k \delta^l_j", ("misprinted",), NIELSEN),
    Written(r"\delta^l_j = \sum_k w^{l+1}_{kj} \delta^{l+1}_k \sigma'(z^l_j)", ("holds",), NIELSEN),
    Written(r"\delta^l_j = \sum_k w^{l+1}_{jk} \delta^{l+1}_k \sigma'(z^l_j)", ("misprinted",), NIELSEN),
    Written(r"\frac{\partial y_i}{\partial z_j} = y_i (\delta_{ij} - y_j)", ("holds",), before=(SOFTMAX,)),
    Written(r"\frac{\partial y_i}{\partial z_j} = y_i (\delta_{ij} - y_i)", ("misprinted",), before=(SOFTMAX,)),
    Written(r"\frac{\partial y_i}{\partial z_j} = y_i \delta_{ij} - y_i y_j", ("holds",), before=(SOFTMAX,)),
    Written(r"\frac{\partial \log y_i}{\partial z_j} = \delta_{ij} - y_j", ("holds",), before=(SOFTMAX,)),
    Written(
        r"\frac{\partial^2 E}{\partial z_i \partial z_j} = o_i (\delta_{ij} - o_j)", ("holds when",),
        before=(OUTPUT, CROSS_ENTROPY), because="Σ t = 1",
    ),
    Written(r"\sum_k o_k = 1", ("holds",), before=(OUTPUT,)),
    Written(r"\sum_j \frac{\partial o_k}{\partial z_j} = 0", ("holds",), before=(OUTPUT,)),
    Written(
        r"\frac{\partial E}{\partial z_j} = \sum_k \frac{\partial E}{\partial o_k} \frac{\partial o_k}{\partial z_j}",
        ("holds",), before=(OUTPUT, CROSS_ENTROPY),
    ),
    Written(
        r"\frac{\partial E}{\partial z_j} = \frac{\partial E}{\partial o_j} \frac{\partial o_j}{\partial z_j}",
        ("misprinted",), before=(OUTPUT, CROSS_ENTROPY),
    ),
    Written(r"\frac{\partial o_j}{\partial z_j} = o_j (1 - o_j)", ("holds",), before=(OUTPUT,)),
    Written(r"\frac{\partial o_k}{\partial z_j} = -o_k o_j \quad (j \neq k)", ("holds",), before=(OUTPUT,)),
    Written(r"\frac{\partial o_k}{\partial z_j} = o_k o_j \text{ for } j \neq k", ("misprinted",), before=(OUTPUT,)),
    Written(r"\text{If } j = k\text{: } \frac{\partial o_k}{\partial z_j} = o_k (1 - o_k)", ("holds",), before=(OUTPUT,)),
    # logistic regression, in several notations
    Written(r"\sigma'(u) = \sigma(u) (1 - \sigma(u))", ("holds",), before=(SIGMOID,)),
    Written(r"\sigma(-u) = 1 - \sigma(u)", ("holds",), before=(SIGMOID,)),
    Written(r"\frac{d\sigma(u)}{du} = \sigma(u)(1-\sigma(u))", ("holds",), before=(SIGMOID,)),
    Written(r"\tanh u = 2 \sigma(2u) - 1", ("holds",), before=(SIGMOID,)),
    Written(
        r"\nabla_w J = \frac{1}{m} X^T (\sigma(X w) - y)", ("holds",),
        ("X: matrix m × d", "w: vector d", "y: vector m"),
        (SIGMOID, r"J = -\frac{1}{m} \left( y^T \log \sigma(X w) + (1 - y)^T \log(1 - \sigma(X w)) \right)"),
    ),
    Written(
        r"\nabla_w J = \frac{1}{m} X (\sigma(X w) - y)", ("misprinted",),
        ("X: matrix m × d", "w: vector d", "y: vector m"),
        (SIGMOID, r"J = -\frac{1}{m} \left( y^T \log \sigma(X w) + (1 - y)^T \log(1 - \sigma(X w)) \right)"),
        because="a transpose is missing",
    ),
    Written(
        r"\nabla^2 J = X^T D X", ("not read",), ("X: matrix m × d", "D: matrix m × m", "J: number"),
    ),
    Written(
        r"\frac{\partial L}{\partial w} = -\sum_{i=1}^m y_i x_i \sigma(-y_i w^T x_i)", ("holds",),
        ("x_i: vector d, i = 1…m", "w: vector d", "y: vector m, ±1"),
        (SIGMOID, r"L = \sum_{i=1}^m \log(1 + \exp(-y_i w^T x_i))"),
    ),
    # matrix calculus
    Written(r"\frac{\partial x^T A x}{\partial x} = (A + A^T) x", ("holds",), ("x: vector n", "A: matrix n × n")),
    Written(
        r"\frac{\partial x^T A x}{\partial x} = 2 A x", ("holds when",), ("x: vector n", "A: matrix n × n"), (), "A = Aᵀ",
    ),
    Written(r"\frac{\partial a^T X b}{\partial X} = a b^T", ("holds",), ("a: vector n", "b: vector m", "X: matrix n × m")),
    Written(
        r"\frac{\partial a^T X b}{\partial X} = b a^T", ("misprinted",), ("a: vector n", "b: vector m", "X: matrix n × m"),
    ),
    Written(r"\frac{\partial}{\partial X} \operatorname{tr}(X^T X) = 2X", ("holds",), ("X: matrix n × m",)),
    Written(r"\frac{\partial \operatorname{tr}(AXB)}{\partial X} = A^T B^T", ("holds",),
            ("A: matrix k × n", "X: matrix n × m", "B: matrix m × k")),
    Written(r"\frac{\partial \det(X)}{\partial X} = \det(X) X^{-T}", ("holds",), ("X: matrix n × n",)),
    Written(r"\frac{\partial \ln \det X}{\partial X} = (X^{-1})^T", ("holds",), ("X: matrix n × n, positive definite",)),
    Written(r"\frac{\partial \ln |\det X|}{\partial X} = X^{-1}", ("misprinted",), ("X: matrix n × n",), (), "a transpose"),
    Written(r"\frac{\partial \|x - a\|_2}{\partial x} = \frac{x - a}{\|x - a\|_2}", ("holds",), ("x, a: vector n",)),
    Written(r"\frac{\partial A x}{\partial x} = A", ("holds",), ("x: vector n", "A: matrix m × n")),
    Written(
        r"\frac{\partial A x}{\partial x} = A^T", ("holds",), ("x: vector n", "A: matrix m × n", "layout: denominator"),
    ),
    Written(r"\frac{\partial A x}{\partial x} = A^T", ("misprinted",), ("x: vector n", "A: matrix m × n")),
    Written(
        r"\nabla_x \frac{1}{2} \|Ax - b\|^2 = A^T (Ax - b)", ("holds",), ("x: vector n", "A: matrix m × n", "b: vector m"),
    ),
    Written(r"\frac{\partial X^{-1}}{\partial t} = -X^{-1} \frac{\partial X}{\partial t} X^{-1}", ("holds",),
            ("A, B: matrix n × n", "t: number", "define: X = A + t B", "X: matrix n × n")),
    # batches in rows
    Written(
        r"\frac{\partial L}{\partial W_2} = H^T G", ("holds",),
        (*MLP_ROWS, "H: matrix N × H", "Z, G: matrix N × K", r"define: H = \tanh(X W_1 + \mathbf{1} b_1^T)",
         r"define: Z = H W_2 + \mathbf{1} b_2^T", r"define: L = \frac{1}{2} \|Z - T\|_F^2", "define: G = Z - T"),
    ),
    Written(
        r"\frac{\partial L}{\partial b_2} = G^T \mathbf{1}", ("holds",),
        (*MLP_ROWS, "H: matrix N × H", "Z, G: matrix N × K", r"define: H = \tanh(X W_1 + \mathbf{1} b_1^T)",
         r"define: Z = H W_2 + \mathbf{1} b_2^T", r"define: L = \frac{1}{2} \|Z - T\|_F^2", "define: G = Z - T"),
    ),
    # normalisation
    Written(
        r"\frac{\partial \hat{x}_i}{\partial \mu} = -\frac{1}{\sqrt{v + \epsilon}}", ("holds",),
        ("μ, v: number", "v: positive", "ε: number, positive", "ϵ: number, positive"),
        (r"\hat{x}_i = \frac{x_i - \mu}{\sqrt{v + \epsilon}}",),
    ),
    Written(
        r"\frac{\partial \hat{x}_i}{\partial x_j} = \frac{1}{s} \left( \delta_{ij} - \frac{1}{N} - \frac{\hat{x}_i "
        r"\hat{x}_j}{N} \right)", ("holds",), (),
        (r"\mu = \frac{1}{N} \sum_{i=1}^N x_i", r"s = \sqrt{\frac{1}{N} \sum_{i=1}^N (x_i - \mu)^2}",
         r"\hat{x}_i = \frac{x_i - \mu}{s}"),
    ),
    Written(
        r"\frac{\partial \hat{x}_i}{\partial x_j} = \frac{1}{s} \left( \delta_{ij} - \frac{1}{N} + \frac{\hat{x}_i "
        r"\hat{x}_j}{N} \right)", ("misprinted",), (),
        (r"\mu = \frac{1}{N} \sum_{i=1}^N x_i", r"s = \sqrt{\frac{1}{N} \sum_{i=1}^N (x_i - \mu)^2}",
         r"\hat{x}_i = \frac{x_i - \mu}{s}"), "sign",
    ),
    # convolution
    Written(
        r"\frac{\partial L}{\partial w_a} = \sum_i g_i x_{i+a-1}", ("holds",),
        ("x: vector n", "w: vector m", "y, g: vector n - m + 1"),
        (r"y_i = \sum_a w_a x_{i+a-1}", r"L = \sum_i g_i y_i"),
    ),
    Written(
        r"\frac{\partial L}{\partial w_a} = \sum_i g_i x_{i+a}", ("misprinted",),
        ("x: vector n", "w: vector m", "y, g: vector n - m + 1"),
        (r"y_i = \sum_a w_a x_{i+a-1}", r"L = \sum_i g_i y_i"),
    ),
    # embeddings, labels
    Written(
        r"\frac{\partial J}{\partial v_c} = -u_o + \sum_{w=1}^V p_w u_w", ("holds",),
        ("u_w: vector d, w = 1…V", "v_c: vector d", "o: label in V"),
        (r"p_w = \frac{\exp(u_w^T v_c)}{\sum_{j=1}^V \exp(u_j^T v_c)}", r"J = -\log p_o"),
    ),
    Written(
        r"\frac{\partial J}{\partial u_w} = (p_w - \delta_{wo}) v_c", ("holds",),
        ("u_w: vector d, w = 1…V", "v_c: vector d", "o: label in V"),
        (r"p_w = \frac{\exp(u_w^T v_c)}{\sum_{j=1}^V \exp(u_j^T v_c)}", r"J = -\log p_o"),
    ),
    Written(
        r"\frac{\partial L}{\partial z_{ij}} = \frac{1}{N} (p_{ij} - 1\{y_i = j\})", ("holds",),
        ("y: labels N in K", "z: matrix N × K"),
        (r"p_{ij} = \frac{e^{z_{ij}}}{\sum_k e^{z_{ik}}}", r"L = -\frac{1}{N} \sum_{i=1}^N \log p_{i y_i}"),
    ),
    Written(
        r"\frac{\partial L}{\partial z_{ij}} = p_{ij} - 1\{y_i = j\}", ("misprinted",),
        ("y: labels N in K", "z: matrix N × K"),
        (r"p_{ij} = \frac{e^{z_{ij}}}{\sum_k e^{z_{ik}}}", r"L = -\frac{1}{N} \sum_{i=1}^N \log p_{i y_i}"),
    ),
    # kinks and cases


    Written(r"f'(x) = \begin{cases} 1 & x > 0 \\ 0 & x \leq 0 \end{cases}", ("holds",), (), (r"f(x) = \max(0, x)",)),
    Written(r"f'(x) = \mathbb{1}[x > 0]", ("holds",), (), (r"f(x) = \max(0, x)",)),
    Written(r"f'(x) = \mathbb{1}[x < 0]", ("misprinted",), (), (r"f(x) = \max(0, x)",)),
    Written(r"\frac{d}{dx} |x| = \frac{x}{|x|}", ("holds",), ("x: number",)),
    # Gaussian
    Written(
        r"\frac{\partial \ell}{\partial \mu} = \Sigma^{-1} \sum_{i=1}^n (x_i - \mu)", ("holds",),
        ("x_i: vector d, i = 1…n", "μ: vector d", "Σ: matrix d × d, positive definite"),
        (r"\ell = -\frac{n}{2} \ln |\Sigma| - \frac{1}{2} \sum_{i=1}^n (x_i - \mu)^T \Sigma^{-1} (x_i - \mu)",),
    ),
    Written(
        r"\frac{\partial KL}{\partial \mu_j} = \mu_j", ("holds",), ("words: KL", "μ, v: vector d", "v: positive"),
        (r"KL = \frac{1}{2} \sum_{j=1}^d (\mu_j^2 + v_j - \ln v_j - 1)",),
    ),
    # mistakes of indices
    Written(r"\frac{\partial E}{\partial z_j} = o_k - t_k", ("misprinted",), (), (OUTPUT, CROSS_ENTROPY), "the index k"),
    Written(
        r"\frac{\partial E}{\partial z_j} = \frac{\partial E}{\partial o_k} \frac{\partial o_k}{\partial z_j}",
        ("misprinted",), (), (OUTPUT, CROSS_ENTROPY), "stands twice",
    ),
    Written(r"\frac{\partial E}{\partial z_j} = \mathbf{o} - \mathbf{t}", ("misprinted",), (), (OUTPUT, CROSS_ENTROPY)),
    # conditions in words
    Written(
        r"\frac{\partial E}{\partial z_j} = o_j - t_j \quad \text{since } \sum_k t_k = 1", ("holds when",), (),
        (OUTPUT, CROSS_ENTROPY),
    ),
    Written(r"\frac{\partial E}{\partial z_j} = o_j - t_j \text{ for all } j", ("holds",),
            ("z: vector K", "t: vector K, probabilities"), (OUTPUT, CROSS_ENTROPY)),
)  # fmt: skip
