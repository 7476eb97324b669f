"""The two precisions that kernels compute in: their numbers, and the polynomials that are good to their digits.

The coefficients are those of best approximations in the sense of Chebyshev, found by Remez's exchange with 60 digits;
the tests have the program that finds them. Each is of what is left of a power series after its first terms, for these
are exact.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Final, NamedTuple

import numpy as np

LN2: Final = Fraction(
    "0.69314718055994530941723212145817656807550013436025525412068000949339362196969471560586332699641869"
)
PI: Final = Fraction(
    "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211707"
)


def parts(x: Fraction, *bits: int) -> tuple[float, ...]:
    """x as a sum of floats: the first of so many bits each, the last of all that it has."""
    found: list[float] = []
    for count in bits:
        grid = Fraction(2) ** (math.frexp(float(x))[1] - count)
        part = math.floor(x / grid) * grid
        found.append(float(part))
        x -= part
    return (*found, float(x))


class Precision(NamedTuple):
    """Numbers that depend on the digits there are.

    Attributes
    ----------
    kind, integer : the types, of as many bits
    mantissa : the bits behind the point
    magic : a number beside which floats are whole, so that to add it is to round; its last bits are the whole number
    magic_bits, exponent_magic : its bits as an integer; with the bias of exponents in its last bits
    root_half_bits : the bits of √½
    least : the smallest float of all its digits
    raising, raised : a power of two that lifts smaller ones to such, and its exponent
    ln2_high, ln2_low : ln 2, of so few bits that multiples of it by exponents are exact, and the rest
    half_pi : π/2 in parts, the first of so few bits that multiples of them are exact, up to the bound ``near``
    least_exp, most_exp : beyond these e^x is 0 or infinite
    least_expm1 : below it e^x − 1 rounds to −1
    least_power : below this power of two, too
    """

    name: str
    kind: Any
    integer: Any
    mantissa: int
    magic: float
    magic_bits: int
    exponent_magic: float
    root_half_bits: int
    mantissa_mask: int
    least: float
    raising: float
    raised: float
    ln2_high: float
    ln2_low: float
    least_exp: float
    most_exp: float
    least_expm1: float
    least_power: float
    erf_end: float
    exp_tail: tuple[float, ...]
    log_tail: tuple[float, ...]
    erf_near: tuple[float, ...]
    erf_far: tuple[float, ...]
    complement: tuple[float, ...]
    sin_tail: tuple[float, ...] = ()
    cos_tail: tuple[float, ...] = ()
    sin_short: tuple[float, ...] = ()
    cos_short: tuple[float, ...] = ()
    log2_e: float = float(1 / LN2)
    ln2: float = float(LN2)
    two_over_pi: float = float(2 / PI)
    half_pi_1: float = parts(PI / 2, 38, 38)[0]
    half_pi_2: float = parts(PI / 2, 38, 38)[1]
    half_pi_3: float = parts(PI / 2, 38, 38)[2]
    half_pi_high: float = parts(PI / 2, 33)[0]
    half_pi_low: float = parts(PI / 2, 33)[1]
    infinity: float = math.inf
    nan: float = math.nan


EXP_TAIL: Final = (
    0.5,
    0.16666666666666677,
    0.04166666666666651,
    0.008333333333321697,
    0.0013888888888962559,
    0.00019841269885949924,
    2.480158717214356e-05,
    2.7557244391596564e-06,
    2.7557402999946047e-07,
    2.51089723281115e-08,
    2.087521381949031e-09,
)
EXP_TAIL_32: Final = (
    0.5000000044151813,
    0.16666666371478475,
    0.04166636102683707,
    0.008333389196932276,
    0.0013940615786489042,
    0.00019845940903112609,
)
LOG_TAIL: Final = (
    0.6666666666666734,
    0.39999999999414615,
    0.28571428742412003,
    0.2222219856981759,
    0.18183564538689906,
    0.15314044299902274,
    0.147960192154986,
)
LOG_TAIL_32: Final = (
    0.6666677628968645,
    0.3997755347358982,
    0.2987140406851438,
)
SIN_TAIL: Final = (
    -0.1666666666666663,
    0.008333333333322113,
    -0.0001984126982958449,
    2.7557313619413114e-06,
    -2.505074742924767e-08,
    1.5896209747461408e-10,
)
COS_TAIL: Final = (
    0.041666666666666595,
    -0.0013888888888873047,
    2.480158728884621e-05,
    -2.7557314177665e-07,
    2.0875700614055233e-09,
    -1.1358524399177551e-11,
)
SIN_TAIL_32: Final = (
    -0.1666665461265984,
    0.008332160953595475,
    -0.00019515308465753892,
)
COS_TAIL_32: Final = (
    0.04166664568157975,
    -0.0013887316236248595,
    2.4433159089056657e-05,
)
ERF_NEAR: Final = (
    0.12837916709551256,
    -0.3761263890318352,
    0.11283791670944164,
    -0.026866170643108544,
    0.005223977606096545,
    -0.000854832592833121,
    0.00012055293548964517,
    -1.4924711786469923e-05,
    1.644712540875058e-06,
    -1.620626773214953e-07,
    1.3710785213587344e-08,
    -7.779109756315312e-10,
)
ERF_NEAR_32: Final = (
    0.12837916571908622,
    -0.37612625802975114,
    0.11283584961335681,
    -0.02685380493567921,
    0.005188315058766058,
    -0.0008010084919238442,
    7.853503390208609e-05,
)
ERF_FAR: Final = (
    -1.0816879610849479e-06,
    -1.1283685498064095,
    -0.6366682524942985,
    -0.10263593499758056,
    0.018862387652084922,
    0.0005878764228388192,
    -0.0021024277911307933,
    0.0009226318381836786,
    -0.00023218407281217136,
    2.8681287276096505e-05,
    3.375388978299351e-06,
    -2.610720820700124e-06,
    6.753793561227849e-07,
    -1.0643357610803143e-07,
    1.0726287797865591e-08,
    -6.41067868405913e-10,
    1.740310126208733e-11,
)
ERF_FAR_32: Final = (
    -0.00035391455866042514,
    -1.1270392565797853,
    -0.6382269544839001,
    -0.10303627157368675,
    0.021804798144114332,
    -0.002939478526524704,
    0.00018556103276672637,
)

COMPLEMENT: Final = (
    -1.927783626367867e-12,
    0.15957691230384427,
    0.15957690720849635,
    0.15319394158225016,
    0.14042610966856717,
    0.12206168781111068,
    0.09943050942953602,
    0.07613226432057688,
    0.046140083684239205,
    0.05231256936004868,
    -0.06390724552293801,
    0.22731795431345186,
    -0.5348629199664212,
    1.0319266644329654,
    -1.6478846734595605,
    2.112807615882317,
    -2.1627585303992976,
    1.727691826470558,
    -1.0382489419461884,
    0.44930662751286177,
    -0.13178430407472352,
    0.02346293618405394,
    -0.0019179947938206482,
)
COMPLEMENT_32: Final = (
    2.1469887715539297e-07,
    0.15957223381476512,
    0.15959387741535805,
    0.1535999820747654,
    0.13476284709051087,
    0.15647602049058068,
    -0.02216341686274748,
    0.34332776113212826,
    -0.3163820945706775,
    0.3229549038448041,
    -0.09174234544352444,
)


def precision(kind: Any, integer: Any, **polynomials: Any) -> Precision:
    """That of a type of floats."""
    facts = np.finfo(kind)
    mantissa, bias = facts.nmant, facts.maxexp - 1
    ln2_high, ln2_low = parts(LN2, mantissa - (10 if mantissa == 52 else 7))
    magic = 1.5 * 2.0**mantissa
    return Precision(
        name=np.dtype(kind).name,
        kind=kind,
        integer=integer,
        mantissa=mantissa,
        magic=magic,
        magic_bits=int(kind(magic).view(integer)),
        exponent_magic=magic + bias,
        root_half_bits=int(kind(math.sqrt(0.5)).view(integer)),
        mantissa_mask=2**mantissa - 1,
        least=float(facts.tiny),
        raising=2.0 ** (mantissa + 2),
        raised=mantissa + 2.0,
        ln2_high=ln2_high,
        ln2_low=ln2_low,
        least_exp=-746.0 if mantissa == 52 else -104.0,
        most_exp=710.0 if mantissa == 52 else 89.0,
        least_expm1=-40.0 if mantissa == 52 else -20.0,
        least_power=-60.0 if mantissa == 52 else -30.0,
        erf_end=6.0 if mantissa == 52 else 4.0,
        **polynomials,
    )


FLOAT64: Final = precision(
    np.float64,
    np.int64,
    exp_tail=EXP_TAIL,
    log_tail=LOG_TAIL,
    erf_near=ERF_NEAR,
    erf_far=ERF_FAR,
    complement=COMPLEMENT,
    sin_tail=SIN_TAIL,
    cos_tail=COS_TAIL,
    sin_short=SIN_TAIL_32,
    cos_short=COS_TAIL_32,
)
FLOAT32: Final = precision(
    np.float32,
    np.int32,
    exp_tail=EXP_TAIL_32,
    log_tail=LOG_TAIL_32,
    erf_near=ERF_NEAR_32,
    erf_far=ERF_FAR_32,
    complement=COMPLEMENT_32,
)

P: Final = FLOAT64
"""What functions are written with. They are translated to the other."""


def polynomial(x: Any, coefficients: tuple[float, ...]) -> Any:
    """Σ cₖ xᵏ by Horner's scheme, which translations write out."""
    y: Any = coefficients[-1]
    for c in reversed(coefficients[:-1]):
        y = y * x + c
    return y


def bits(x: Any) -> Any:
    """The bits of a float as an integer."""
    return P.kind(x).view(P.integer)


def of_bits(n: Any) -> Any:
    """The float that has these bits."""
    return P.integer(n).view(P.kind)


def nearest(x: Any) -> Any:
    """The whole number nearest to x, for |x| up to 2⁵¹ or 2²²."""
    return (x + P.magic) - P.magic


def at_least(x: Any, low: Any) -> Any:
    """max(x, low), NaN of NaN."""
    return low if x < low else x


def at_most(x: Any, high: Any) -> Any:
    """min(x, high), NaN of NaN."""
    return high if x > high else x


def in_double(function: Any) -> Any:
    """Mark a function that computes in double precision, whatever calls it."""
    function.precision = FLOAT64
    return function
