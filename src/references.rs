//! Sources of the formulas, so that a doc comment can link to one.
//!
//! # Bolch06
//! G. Bolch, S. Greiner, H. de Meer, K. S. Trivedi, *Queueing Networks and Markov Chains*, 2nd ed., Wiley 2006.
//!
//! # Kleinrock75
//! L. Kleinrock, *Queueing Systems, Volume 1: Theory*, Wiley 1975.
//!
//! # Temme79
//! N. M. Temme, *The asymptotic expansion of the incomplete gamma functions*, SIAM J. Math. Anal. 10 (1979), 757–766.
//!
//! # Trefethen06
//! L. N. Trefethen, J. A. C. Weideman, T. Schmelzer, *Talbot quadratures and rational approximations*, BIT Numerical
//! Mathematics 46 (2006), 653–670.
//!
//! # Abate95
//! J. Abate, W. Whitt, *Numerical inversion of Laplace transforms of probability distributions*, ORSA Journal on
//! Computing 7 (1995), 36–43.
//!
//! # Kimura86
//! T. Kimura, *A two-moment approximation for the mean waiting time in the GI/G/s queue*, Management Science 32
//! (1986), 751–763.
//!
//! # Whitt93
//! W. Whitt, *Approximations for the GI/G/m queue*, Production and Operations Management 2 (1993), 114–161.
//!
//! # Che02
//! H. Che, Y. Tung, Z. Wang, *Hierarchical web caching systems: modeling, design and experimental results*, IEEE
//! Journal on Selected Areas in Communications 20 (2002), 1305–1314.
//!
//! # Fricker12
//! C. Fricker, P. Robert, J. Roberts, *A versatile and accurate approximation for LRU cache performance*, ITC 24
//! (2012).
//!
//! # Gelenbe73
//! E. Gelenbe, *A unified approach to the evaluation of a class of replacement algorithms*, IEEE Transactions on
//! Computers C-22 (1973), 611–618.
//!
//! # Jackson57
//! J. R. Jackson, *Networks of waiting lines*, Operations Research 5 (1957), 518–521.
//!
//! # Trivedi17
//! K. S. Trivedi, A. Bobbio, *Reliability and Availability Engineering*, Cambridge University Press 2017.
//!
//! # Aws21
//! Amazon Web Services, *Availability and Beyond*, whitepaper, 2021.
//!
//! # Lazowska84
//! E. D. Lazowska, J. Zahorjan, G. S. Graham, K. C. Sevcik, *Quantitative System Performance*, Prentice-Hall 1984.
//!
//! # Schroeder06
//! B. Schroeder, A. Wierman, M. Harchol-Balter, *Open versus closed: a cautionary tale*, NSDI 2006.
//!
//! # Loader00
//! C. Loader, *Fast and accurate computation of binomial probabilities*, 2000.
//!
//! # Breslau99
//! L. Breslau, P. Cao, L. Fan, G. Phillips, S. Shenker, *Web caching and Zipf-like distributions: evidence and
//! implications*, INFOCOM 1999.
//!
//! # Coffman70
//! E. G. Coffman, R. R. Muntz, H. Trotter, *Waiting time distributions for processor-sharing systems*, Journal of the
//! ACM 17 (1970), 123–130.
//!
//! # Cohen79
//! J. W. Cohen, *The multiple phase service network with generalized processor sharing*, Acta Informatica 12 (1979),
//! 245–284.
//!
//! # Keilson79
//! J. Keilson, *Markov Chain Models – Rarity and Exponentiality*, Springer 1979.
//!
//! # Golub10
//! G. H. Golub, G. Meurant, *Matrices, Moments and Quadrature with Applications*, Princeton University Press 2010.
//!
//! # Burke69
//! P. J. Burke, *The dependence of sojourn times in tandem M/M/s queues*, Operations Research 17 (1969), 754–755.
//!
//! # Chandy75
//! K. M. Chandy, U. Herzog, L. Woo, *Parametric analysis of queuing networks*, IBM Journal of Research and
//! Development 19 (1975), 36–42.
