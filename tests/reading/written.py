"""Formulas as people write them, from questions, courses, errata and documents, made whole: with what they stand on."""

# ruff: noqa: E501, ISC004 (formulas as they were written)
from __future__ import annotations

from typing import NamedTuple


class Written(NamedTuple):
    """A formula, with the lines before it, what is declared, and what comes of it.

    Attributes
    ----------
    formula : as it was written
    verdicts : of the statements in it, in order; "holds when Σ t = 1" begins as the reason does
    declared : lines
    before : formulas that it stands on
    because : a part of the reason, of the last verdict
    """

    formula: str
    verdicts: tuple[str, ...]
    declared: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    because: str = ""


SOFTMAX = r"y_k = \frac{e^{z_k}}{\sum_j e^{z_j}}"
OUTPUT = r"o_k = \frac{e^{z_k}}{\sum_i e^{z_i}}"
CROSS_ENTROPY = r"E = -\sum_k t_k \ln o_k"
SIGMOID = r"\sigma(u) = \frac{1}{1 + e^{-u}}"
LAYERS = (
    "l: layer 1…L",
    "L = 3",
    r"\mathbf{W}^l: matrix n^l × n^{l-1}",
    r"\mathbf{b}^l: vector n^l",
    r"\mathbf{a}^l: vector n^l",
    r"\mathbf{y}: vector n^L",
    r"define: \sigma(u) = \frac{1}{1 + e^{-u}}",
    r"define: \mathbf{z}^l = W^l \mathbf{a}^{l-1} + \mathbf{b}^l",
    r"\mathbf{z}^l: vector n^l",
)
OUTPUT_ERROR = (
    r"\mathcal{C} = \frac{1}{2} \|\mathbf{a}^L - \mathbf{y}\|_2^2",
    r"\mathbf{a}^l = \sigma(\mathbf{z}^l)",
)

WRITTEN = (
    # definitions
    Written(SOFTMAX, ("defines",)),
    Written(r"z_j=\sum_i w_{ij}o_i+b", ("defines",)),
    Written(
        r"\mathcal{C}_{\text{CE}} = -\frac{1}{N} \sum_{i=0}^N \sum_{k=1}^K y_{ik} \ln a_{ik}",
        ("misprinted",), because="the sum from 0 to N has one term more",
    ),
    Written(
        r"\mathcal{C}_{\text{CE}} = -\frac{1}{N} \sum_{i=0}^N \sum_{k=1}^K y_{ik} \ln a_{ik}",
        ("defines",), declared=("ranges: all",),
    ),
    Written(
        r"\mathcal{C}_{\text{MSE}} = \frac{1}{2N} \sum_{i=0}^N \|\mathbf{a}_i - \mathbf{y}_i\|_2^2",
        ("defines",), declared=(r"\mathbf{a}_i, \mathbf{y}_i: vector K, i = 1…N", "ranges: all"),
    ),
    Written(
        r"L_{i} = \sum_{j \neq y_{i}} \max(0, w_{j}^{T}x_{i} - w_{y_{i}}^{T}x_{i} + \Delta)",
        ("defines",),
        declared=("w_j: vector D, j = 1…C", "x_i: vector D, i = 1…N", "y: labels N in C", "Δ: number, positive"),
    ),
    # partial derivatives, index form
    Written(
        r"\frac{\partial E}{\partial z_j} = o_j - t_j", ("holds when",), before=(OUTPUT, CROSS_ENTROPY),
        because="Σ t = 1",
    ),
    Written(r"\frac{\partial E}{\partial o_j} = \frac{-t_j}{o_j}", ("holds",), before=(OUTPUT, CROSS_ENTROPY)),
    Written(
        r"\frac{\partial E} {\partial w_{ij}}=\frac{\partial E} {\partial o_j} \frac{\partial o_j} {\partial z_{j}} "
        r"\frac{\partial z_j} {\partial w_{ij}}",
        ("holds",),
        before=(r"z_j = \sum_i w_{ij} x_i", r"o_j = \tanh z_j", r"E = \frac{1}{2} \sum_j (o_j - t_j)^2"),
    ),
    Written(
        r"\frac{\partial E} {\partial w_{ij}}=\frac{\partial E} {\partial o_j} \frac{\partial o_j} {\partial z_{j}} "
        r"\frac{\partial z_j} {\partial w_{ij}}",
        ("misprinted",),
        before=(r"z_j = \sum_i w_{ij} x_i", OUTPUT, CROSS_ENTROPY),
    ),
    Written(
        r"\frac{\partial E}{\partial W_{ik}}=\sigma(\mathbf{x}\cdot W_i)(1-\sigma(\mathbf{x}\cdot W_i))(y_i-t_i)x_k",
        ("holds",),
        declared=("W_i: vector m, i = 1…n",),
        before=(SIGMOID, r"y_i = \sigma(\mathbf{x} \cdot W_i)", r"E = \frac{1}{2} \sum_i (y_i - t_i)^2"),
    ),
    Written(
        r"\frac{\partial Y_k}{\partial V_{ij}}=\sum_{j'=1}^{n_{hidden}}\frac{\partial Y_k}{\partial Z_{j'}}"
        r"\frac{\partial Z_{j'}}{\partial V_{ij}}",
        ("holds",),
        declared=("words: hidden",),
        before=(r"Z_j = \sum_i x_i V_{ij}", r"Y_k = \sum_j \tanh(Z_j) U_{jk}"),
    ),
    Written(
        r"\frac{\partial \alpha}{\partial x_k} = \sum_{i=0}^{n-1}a_{ik}x_i+\sum_{j=0}^{n-1}a_{kj}x_j",
        ("holds",), before=(r"\alpha = \sum_{i=0}^{n-1} \sum_{j=0}^{n-1} x_i a_{ij} x_j",),
    ),
    # vector and matrix form
    Written(
        r"\delta^L = \nabla_{\mathbf{a}}^L \mathcal{C} \odot \sigma'(\mathbf{a}^L)", ("misprinted",),
        declared=(*LAYERS, r"define: \delta^l = \frac{\partial \mathcal{C}}{\partial \mathbf{z}^l}", "δ^l: vector n^l"),
        before=OUTPUT_ERROR,
    ),
    Written(
        r"\delta^L = \nabla_{\mathbf{a}}^L \mathcal{C} \odot \sigma'(\mathbf{z}^L)", ("holds",),
        declared=(*LAYERS, r"define: \delta^l = \frac{\partial \mathcal{C}}{\partial \mathbf{z}^l}", "δ^l: vector n^l"),
        before=OUTPUT_ERROR,
    ),
    Written(
        r"\frac{\partial \mathcal{C}}{\partial W^L} = \delta^L (\mathbf{a}^{L-1})^T", ("holds",),
        declared=(*LAYERS, r"define: \delta^l = \frac{\partial \mathcal{C}}{\partial \mathbf{z}^l}", "δ^l: vector n^l"),
        before=OUTPUT_ERROR,
    ),
    Written(
        r"\nabla_{\mathbf{w}} L = \sum_{i=1}^{n} (\sigma(\mathbf{w}^T \mathbf{x}_i) - y_i) \mathbf{x}_i", ("holds",),
        declared=(r"\mathbf{x}_i: vector d, i = 1…n",),
        before=(
            SIGMOID,
            r"L = -\sum_{i=1}^n \left[ y_i \log \sigma(\mathbf{w}^T \mathbf{x}_i) + (1 - y_i) "
            r"\log(1 - \sigma(\mathbf{w}^T \mathbf{x}_i)) \right]",
        ),
    ),
    Written(
        r"d f(X) = \frac{1}{\| A X - B \|_F} A^{T} (A X - B)", ("not read",),
        declared=("A: matrix n × m", "X: matrix m × k", "B: matrix n × k"), because="differential",
    ),
    Written(
        r"\nabla_{X} \operatorname{tr}\left( X^T A X^{-1} B\right) = AX^{-1}B - X^{-T}A^TXB^TX^{-T}", ("holds",),
        declared=("A, B, X: matrix n × n",),
    ),
    Written(
        r"\frac{d \log |C|}{dC} = 2C^{-1} - I \circ C^{-1}", ("holds",),
        declared=("C: matrix n × n, positive definite, by independent entries",),
    ),
    Written(
        r"\frac {\partial f} {\partial X} = 4\,XX^TX - 2\,XA - 2\,XA^T", ("holds",),
        declared=("X: matrix n × m", "A: matrix m × m"), before=(r"f = \|X^T X - A\|_F^2",),
    ),
    Written(r"df = 2\,M:dM", ("not read",), declared=("M: matrix n × m",)),
    Written(
        r"\frac{\partial}{\partial \mathbf{v}} \frac{\mathbf{v} \cdot \mathbf{w}}{|\mathbf{v}|\,|\mathbf{w}|} = "
        r"\frac{\mathbf{w}}{|\mathbf{v}|\cdot|\mathbf{w}|} - \frac{\mathbf{v} \cdot \mathbf{w}}{|\mathbf{v}|\,"
        r"|\mathbf{w}|}\cdot\frac{\mathbf{v}} {|\mathbf{v}|^2}",
        ("holds",),
    ),
    Written(
        r"J = \mathrm{diag}(\mathbf{y}) - \mathbf{y}\mathbf{y}^\top", ("holds",),
        declared=(
            r"define: J = \frac{\partial \mathbf{y}}{\partial \mathbf{z}}", "z: vector K", r"\mathbf{y}: vector K",
            "J: matrix K × K",
        ),
        before=(r"y_k = \frac{e^{z_k}}{\sum_j e^{z_j}}",),
    ),
    Written(
        r"b(\mathbf{X}) = \left(\gamma\otimes\mathbf{1}_p\right)\odot \left(\mathbf{X} - \mu_{\mathbf{X}}\right) \odot"
        r"\sigma^{-1}_{\mathbf{X}} + \left(\beta\otimes\mathbf{1}_p\right)",
        ("not read",),
    ),
    # chains
    Written(
        r"\begin{aligned} \frac{\partial E}{\partial z_j} &= \frac{\partial}{\partial z_j} \left[- \sum_k^K t_k \ln "
        r"\left(\frac{e^{z_k}}{\sum_{i=1}^K e^{z_i}} \right) \right] \\ &= \sum_k^K \left(\frac{t_k e^{z_j}}"
        r"{\sum_{i=1}^K e^{z_i}} \right) - t_j \end{aligned}",
        ("holds", "holds"), before=(OUTPUT, CROSS_ENTROPY),
    ),
    Written(
        r"\begin{aligned} \sum_k \left(-\frac{y_k}{a_k^L} \right) a_i^L (\delta_{ik} - a_k^L) &= -\frac{y_i}{a_i^L} "
        r"a_i^L (1 - a_i^L) - \sum_{k \neq i} \frac{y_k}{a_k^L} (-a_i^L a_k^L) \\ &= -y_i + y_i a_i^L - \sum_{k \neq i}"
        r" y_k (-a_i^L) = -y_i + \left(\sum_k y_k \right) a_i^L \\ &= a_i^L - y_i \end{aligned}",
        ("holds", "holds", "holds", "holds when"), declared=("a^L: vector K",), because="Σ y = 1",
    ),
    Written(
        r"\begin{aligned} \frac{\partial}{\partial z}(\sigma_{\text{sig}}(z)) &= \frac{\partial}{\partial z} "
        r"\left(\frac{1}{1 + e^{-z}} \right) \\ &= (-e^{-z}) \frac{-1}{(1 + e^{-z})^2} \\ &= \sigma_{\text{sig}}(z) (1 -"
        r" \sigma_{\text{sig}}(z)) \end{aligned}",
        ("holds", "holds", "holds"), before=(r"\sigma_{\text{sig}}(z) = \frac{1}{1 + e^{-z}}",),
    ),
    Written(
        r"\begin{eqnarray} \frac{\partial L}{\partial o_i} &=& - \left (y_i (1 - p_i) + \sum_{k\neq i}-p_k y_k \right )"
        r"\\ &=& \left (\sum_i p_i y_i \right ) - y_i \end{eqnarray}",
        ("misprinted", "misprinted"),
        before=(r"p_k = \frac{e^{o_k}}{\sum_i e^{o_i}}", r"L = -\sum_k y_k \log p_k"),
    ),
    # cases
    Written(
        r"\delta_{jk} = \begin{cases} 1 & \text{if } j=k \\ 0 & \text{if } j \neq k \end{cases}", ("defines",),
    ),
    Written(
        r"\frac{\partial E}{\partial z_j} = \begin{cases} y_j & \text{if } j \neq \gamma \\ y_j - 1 & \text{if } "
        r"j = \gamma \end{cases}",
        ("holds",), declared=("γ: label in K", "z: vector K"), before=(SOFTMAX, r"E = -\ln y_\gamma"),
    ),
    Written(
        r"\frac{\partial \log([S(y)]_w)}{\partial y_i} = \begin{cases} -[S(y)]_i & w\neq i \\ 1 - [S(y)]_i & w = i\\ "
        r"\end{cases}",
        ("holds",), declared=("y: vector K", "w: label in K"), before=(r"S(u)_i = \frac{e^{u_i}}{\sum_j e^{u_j}}",),
    ),
    Written(
        r"\frac{\partial p_j}{\partial o_i} = p_i(1 - p_i),\quad i = j", ("holds",),
        before=(r"p_k = \frac{e^{o_k}}{\sum_i e^{o_i}}",),
    ),
    Written(
        r"r(x) = \begin{cases} \frac{1}{2} x^2 & \text{for } |x| \leq \delta \\ \delta (|x| - \frac{1}{2} \delta) & "
        r"\text{for } |x| > \delta \end{cases}",
        ("defines",), declared=("δ: number, positive",),
    ),
    # Kronecker deltas and indicators
    Written(
        r"\frac{\partial}{\partial z_j} (\sigma_{\text{sm}}(z)_i) = \sigma_{\text{sm}}(z)_j (\delta_{ji} - "
        r"\sigma_{\text{sm}}(z)_i)",
        ("holds",), declared=("z: vector K",),
        before=(r"\sigma_{\text{sm}}(z)_i = \frac{e^{z_i}}{\sum_{k=1}^K e^{z_k}}",),
    ),
    Written(
        r"\nabla_{w_{y_i}} L_i = - \left( \sum_{j\neq y_i} \mathbb{1}(w_j^Tx_i - w_{y_i}^Tx_i + \Delta > 0) \right) x_i",
        ("holds",),
        declared=("w_j: vector D, j = 1…C", "x_i: vector D, i = 1…N", "y: labels N in C", "Δ: number, positive"),
        before=(r"L_{i} = \sum_{j \neq y_{i}} \max(0, w_{j}^{T}x_{i} - w_{y_{i}}^{T}x_{i} + \Delta)",),
    ),
    Written(
        r"E_{in}(W)=-\sum_{n=0}^{N}\sum_{k=0}^{K}1\{y_n=k\}\log{\frac{e^{\overrightarrow{w}^T_k\overrightarrow{x_n}}}"
        r"{\sum_{j=0}{e^{\overrightarrow{w}_j^T\overrightarrow{x}_n}}}}",
        ("defines",),
        declared=(
            "words: in", "y: labels N in K", "w_k: vector d, k = 1…K", "x_n: vector d, n = 1…N", "ranges: all",
        ),
    ),
    # restricted sums
    Written(
        r"\frac{\partial L}{\partial o_k} = - y_k (1 - p_k) + \sum_{i\neq k} y_i p_k", ("holds",),
        before=(r"p_k = \frac{e^{o_k}}{\sum_i e^{o_i}}", r"L = -\sum_k y_k \log p_k"),
    ),
    Written(
        r"J = -\log(\sigma(u_o^\top v_c)) - \sum_{k=1}^{K} \log(\sigma(-u_k^\top v_c))", ("defines",),
        declared=("u_o: vector d", "v_c: vector d", "u_k: vector d, k = 1…K"), before=(SIGMOID,),
    ),
    Written(
        r"f(W,Z) = \frac{1}{|\Omega|} \sum_{(d,n) \in \Omega} \frac{1}{2} \big[ x_{dn}-(WZ^T)_{dn}\big]^2", ("defines",),
        declared=("Ω: mask D × N", "W: matrix D × r", "Z: matrix N × r"),
    ),
    # layers
    Written(
        r"\mathbf{a}^l = \sigma(\mathbf{z}^l) = \sigma(W^l \mathbf{a}^{l-1} + \mathbf{b}^l)", ("defines", "holds"),
        declared=LAYERS,
    ),
    Written(
        r"dW^{[l]} = \frac{1}{m} dZ^{[l]} A^{[l-1]T}", ("holds",),
        declared=(
            "words: dW, dZ", "l: layer 1…3", "W^{[l]}: matrix n^l × n^{l-1}", "A^{[l]}: matrix n^l × m",
            "Z^{[l]}: matrix n^l × m", "b^{[l]}: vector n^l", "dW^{[l]}: matrix n^l × n^{l-1}",
            "dZ^{[l]}: matrix n^l × m", "m: dimension", "T: matrix n^3 × m",
            r"define: Z^{[l]} = W^{[l]} A^{[l-1]} + b^{[l]} \mathbf{1}^T", r"define: A^{[l]} = \tanh(Z^{[l]})",
            r"define: J = \frac{1}{2 m} \| A^{[3]} - T \|_F^2",
            r"define: dW^{[l]} = \frac{\partial J}{\partial W^{[l]}}",
            r"define: dZ^{[l]} = m \frac{\partial J}{\partial Z^{[l]}}",
        ),
    ),
    Written(
        r"\mathbf{\Gamma}_f^{\langle t \rangle} = \sigma(\mathbf{W}_f[\mathbf{a}^{\langle t-1 \rangle}, "
        r"\mathbf{x}^{\langle t \rangle}] + \mathbf{b}_f)",
        ("defines",),
        declared=(
            "t: time 1…3", "Γ_f^{⟨t⟩}: vector n", "a^{⟨t⟩}: vector n", "x^{⟨t⟩}: vector d", "W_f: matrix n × q",
            "b_f: vector n", r"define: \sigma(u) = \frac{1}{1 + e^{-u}}",
        ),
    ),
    Written(r"a_{0}^{2}", ("not a claim",)),
    # batches
    Written(
        r"\frac{\partial}{\partial \theta_j}J(\theta) = \frac{1}{m}[\sum_{i=1}^m(h_\theta (x^{(i)}) - y^{(i)})x^{(i)}_j "
        r"+ \lambda\theta_j]",
        ("holds",),
        declared=("θ: vector d", "x^{(i)}: vector d, i = 1…m", "y^{(i)}: number, i = 1…m", "h_θ: function"),
        before=(
            r"h_\theta(u) = \frac{1}{1 + e^{-\theta^T u}}",
            r"J(\theta) = -\frac{1}{m} \sum_{i=1}^m [y^{(i)} \log h_\theta(x^{(i)}) + (1 - y^{(i)}) \log(1 - "
            r"h_\theta(x^{(i)}))] + \frac{\lambda}{2m} \sum_j \theta_j^2",
        ),
    ),
    Written(
        r"\mu_j = \frac{1}{N} \sum_{i=1}^N x_{i,j}, \qquad \sigma^2_j = \frac{1}{N} \sum_{i=1}^N (x_{i,j} - \mu_j)^2",
        ("defines", "defines"), declared=("σ^2: vector D",),
    ),
    Written(
        r"KL_{loss}=-\log(\sigma_1)+\frac{\sigma_1^2+\mu_1^2}{2}-\frac{1}{2}", ("defines",),
        declared=("words: KL, loss", "σ_1: number, positive", "μ_1: number"),
    ),
    Written(r"\theta_{MLE} = \underset{\theta}{\operatorname{argmax}}\, p(\mathbf{X}|\theta)", ("not read",)),
    # functions
    Written(
        r"\sigma_{\text{sm}}(z)_i = \frac{e^{z_i}}{\sum_{k=1}^K e^{z_k}}", ("defines",), declared=("z: vector K",),
    ),
    Written(
        r"\sigma'_{\text{sig}}(z) = \sigma_{\text{sig}}(z)(1 - \sigma_{\text{sig}}(z))", ("holds",),
        before=(r"\sigma_{\text{sig}}(z) = \frac{1}{1 + e^{-z}}",),
    ),
    Written(
        r"\Phi(x) = \frac{1}{2} \left[ 1 + \tanh(\sqrt{\frac{2}{\pi}} \cdot (x + 0.044715 \cdot x^3)) \right]",
        ("defines",),
    ),
    Written(
        r"(1-p_t)^{\gamma-1}\left [  \gamma(-p_t*p_i)log(p_t)+p_i(1-p_t)\right ]", ("not a claim",),
        declared=("t: label in K", "γ: number"),
    ),
    # implicit sums
    Written(
        r"S^{ij} = \frac{1}{\sqrt{d_k}} Q^{ia} K^{ja}", ("defines",),
        declared=(
            "sums: einstein", "S^{ij}: array n × n", "Q^{ia}: array n × d", "K^{ja}: array n × d",
            "d_k: number, positive",
        ),
    ),
    Written(
        r"\frac{\partial \mathcal{C}}{\partial a_j} \frac{\partial a_j}{\partial z_j} = a_i - y_i", ("misprinted",),
        before=(r"a_j = \tanh z_j", r"\mathcal{C} = \frac{1}{2} \sum_j (a_j - y_j)^2"), because="the index i is free",
    ),
    Written(r"E=-\sum_{j=1}^m t_j\log y_j", ("defines",)),
    # text and updates
    Written(
        r"W_{hidd-2-out}:=W_{hidd-2-out}-r\, \small \frac{\partial E}{\partial W_{hidd-2-out}}\, \Delta_{hidd-2-out}",
        ("not read",),
    ),
    Written(
        r"\text{Accuracy} = \frac{\sum_{i=1}^n I(t_i = y_i)}{n}", ("defines",), declared=("t, y: labels n in K",),
    ),
    Written(
        r"\frac{\partial \mathcal{C}}{\partial W^L} = \left(\underbrace{(\mathbf{a}^L - \mathbf{y})}_{\text{MSE}} \odot "
        r"\underbrace{\mathbf{a}^L(1 - \mathbf{a}^L)}_{\text{Sigmoid}} \right) \mathbf{a}^{L-1}",
        ("misprinted",), declared=(*LAYERS, "vectors: entrywise"), before=OUTPUT_ERROR, because="a transpose is missing",
    ),
    Written(
        r"\frac{\partial loss}{\partial w_1} = 2 w_2\cdot x\cdot (y-w_1\cdot w_2\cdot x)", ("misprinted",),
        declared=("words: loss", "w_1, w_2: number"), before=(r"loss = (y - w_1 w_2 x)^2",), because="sign",
    ),
    # ambiguous
    Written(r"p_i(1-p_j)", ("not a claim",)),
    Written(
        r"\mathcal{C}_{\text{CE}} = -\mathbf{y} \ln \mathbf{a}^L", ("defines",),
        declared=("a^L: vector K", r"\mathbf{y}: vector K"),
    ),
    Written(r"\frac{\partial L}{\partial y}w^T", ("not a claim",)),
    Written(
        r"J(\hat y) = \frac{-1}{m}\sum_{i=1}^m y_i\log(\hat y_i)+(1-y_i)(\log(1-\hat y)", ("not read",),
        because="bracket",
    ),
)  # fmt: skip
