//! What the examples cost that an arm added.

use crate::comparison::sizes::Price;
use crate::records::Arm;
use crate::support::text::many;

/// What the examples of an arm cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Spent {
    /// How many it added.
    pub examples: usize,
    /// What one of them cost.
    pub price: Price,
    /// Currency of the money.
    pub currency: String,
}

impl Spent {
    /// “0.38 USD and 35 minutes of a person”, as far as that is known.
    pub(super) fn cost(&self) -> Option<String> {
        let count = self.examples as f64;
        let money = self.price.money.map(|one| one * count);
        let minutes = self.price.minutes.map(|one| one * count);
        let currency = &self.currency;
        let money = money.map(|money| match money {
            some if some > 0.0 && some < 0.005 => format!("less than 0.01 {currency}"),
            some => format!("{some:.2} {currency}"),
        });
        let minutes = minutes
            .filter(|minutes| *minutes > 0.0)
            .map(|minutes| match minutes {
                some if some >= 90.0 => format!("{:.1} hours of a person", some / 60.0),
                some => {
                    let whole = some.ceil() as usize;
                    format!("{} of a person", many(whole, "minute"))
                }
            });
        let known: Vec<String> = [money, minutes].into_iter().flatten().collect();
        (!known.is_empty()).then(|| known.join(" and "))
    }

    /// What its examples are called.
    pub(super) fn what(arm: &Arm) -> &'static str {
        match arm {
            Arm::LessonsAndLabels => "samples and labels",
            _ => "samples",
        }
    }

    pub(super) fn sentence(&self, arm: &Arm) -> String {
        let (count, what) = (self.examples, Self::what(arm));
        match self.cost() {
            Some(cost) => format!("It took {count} {what}: {cost} ({}).", self.price.from),
            None => format!("It took {count} {what}, whose price nobody wrote down."),
        }
    }
}
