//! A monitor without a network.
