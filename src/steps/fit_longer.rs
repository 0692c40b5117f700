//! Fitting the base for longer than project.toml lets it, where that could
//! give another one.

use crate::dataset::Dataset;
use crate::records::{BaseModel, Epochs, FitSpec, Role};
use crate::steps::OpenProject;
use crate::steps::fit::{Base, fit_as};
use crate::support::{Error, Progress, Result};

/// How many passes over *train* a longer fit may take; `None` where it would
/// end where the last one did: a base that stopped since *validation* stopped
/// gaining stops there again, and nothing says when to stop without rows of
/// *validation*.
pub(super) fn longer(spec: &FitSpec, base: &BaseModel, dataset: &Dataset) -> Option<usize> {
    let is_watched = !dataset.with_role(Role::Validation).is_empty();
    match (&base.curve, spec.epochs) {
        (Some(curve), _) => {
            let held = curve.passes.len().saturating_sub(1);
            let was_gaining = held >= spec.most_epochs && curve.best + 1 >= held;
            (is_watched && was_gaining).then_some(2 * held)
        }
        (None, Epochs::Fixed(passes)) => is_watched.then(|| spec.most_epochs.max(2 * passes)),
        // Shipped, or fitted by an earlier version: nobody knows.
        (None, Epochs::Auto) => None,
    }
}

impl OpenProject {
    /// Fits the base anew, for as long as *validation* gains and up to twice as
    /// many passes as the last time.
    ///
    /// # Errors
    /// When that could not give another base, or as [`OpenProject::base`].
    pub fn fit_longer(&self, progress: &Progress) -> Result<Base> {
        let (spec, dataset) = (&self.workspace.manifest.fit, &self.workspace.dataset);
        let of_base = |base: BaseModel| longer(spec, &base, dataset);
        let is_fitted = !self.workspace.is_as_it_is() && !self.is_black_box()?;
        let base = self.known_base()?.filter(|_| is_fitted);
        let most = base.and_then(of_base).ok_or_else(|| {
            Error::input("a longer fit would end where the last one did").hint(
                "fitting went on for as long as validation gained, or there is nothing to fit; \
                 [fit] in project.toml says more",
            )
        })?;
        let spec = FitSpec {
            epochs: Epochs::Auto,
            most_epochs: most,
            ..spec.clone()
        };
        let truths = self.truths(&self.store.document());
        let fitted = fit_as(&self.workspace, &spec, &truths, progress)?;
        self.keep_base(&fitted, &truths)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::fixture::Fixture;
    use crate::records::{AfterPass, FitCurve};

    fn base(curve: Option<FitCurve>) -> BaseModel {
        BaseModel {
            id: "base".into(),
            path: "base.safetensors".into(),
            origin: "fitted here".into(),
            curve,
        }
    }

    fn curve(passes: usize, best: usize) -> Option<FitCurve> {
        let pass = AfterPass {
            loss: 0.5,
            accuracy: 0.8,
        };
        Some(FitCurve {
            passes: vec![pass; passes],
            best,
            length: best + 1,
        })
    }

    #[test]
    fn only_a_fit_that_was_cut_off_goes_on() {
        let mut fixture = Fixture::new(2, 0);
        fixture.add("watched", 0, Role::Validation, &[0.0, 1.0], &[]);
        let (watched, _) = fixture.build();
        let spec = FitSpec {
            most_epochs: 10,
            ..FitSpec::default()
        };
        let of = |curve| longer(&spec, &base(curve), &watched);
        assert_eq!(of(curve(11, 10)), Some(20), "still gaining at the end");
        assert_eq!(of(curve(11, 6)), None, "the gains had ended");
        assert_eq!(of(curve(7, 4)), None, "ended by patience");
        assert_eq!(of(curve(21, 20)), Some(40), "a longer one goes on again");
        assert_eq!(of(None), None, "nobody knows");
        let fixed = FitSpec {
            epochs: Epochs::Fixed(8),
            ..spec.clone()
        };
        assert_eq!(longer(&fixed, &base(None), &watched), Some(16));
        let nobody_watches = Dataset::default();
        assert_eq!(longer(&fixed, &base(None), &nobody_watches), None);
    }
}
