//! A shop, to show what Rust says.
use crate::prices::{self, Rate as R, table::*};
use std::collections::HashMap;
extern crate serde;

/// How much fits.
pub const LIMIT: usize = 3;
static OPEN: bool = false;

/// What a customer carries.
#[derive(Debug)]
pub struct Basket<T> {
    items: Vec<T>,
}

pub enum Currency {
    Eur,
}

pub trait Priced: Clone {
    fn cost(&self) -> f64;
}

type Rates = HashMap<String, f64>;

impl<T: Priced> Basket<T> {
    pub fn new() -> Self {
        Basket { items: Vec::new() }
    }

    /// The price of everything.
    pub fn total(&self, rate: R) -> f64 {
        self.items.iter().map(|item| item.cost()).sum::<f64>() * prices::apply(rate)
    }
}

impl Drop for Basket<u8> {
    fn drop(&mut self) {
        println!("gone");
    }
}

macro_rules! basket {
    () => { Basket::new() };
}

mod inner {
    pub fn deep() -> bool { super::check::<u8>(1) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_basket_starts_empty() {
        assert_eq!(Basket::<u8>::new().total(1.0), 0.0);
    }
}
