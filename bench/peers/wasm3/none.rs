//! Nothing: the peer is `runner.c`.
