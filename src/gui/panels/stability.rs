//! How stable each number of blind spots is: a small line at the slider, with
//! the most stable one marked and offered.

use eframe::egui::{Id, Pos2, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::widgets::{caption, explained};
use crate::blind_spots::{STABLE_FROM, StabilityAt, most_stable};
use crate::gui::read::Cx;
use crate::gui::theme::tokens;
use crate::gui::words;
use crate::records::DiscoverySettings;
use crate::session::{Command, JobKind};
use crate::steps::discover::without_k;

/// Size of the line, in points.
const WIDTH: f32 = 220.0;
const HEIGHT: f32 = 40.0;

/// Shows the line, once it is measured; whether another number was taken.
pub(super) fn ui(settings: &mut DiscoverySettings, cx: &mut Cx<'_>, ui: &mut Ui) -> bool {
    let Some(measured) = cx.state.stability.clone() else {
        ask(cx, ui);
        if cx.is_busy(JobKind::Stability) {
            caption(ui, "Trying how stable each number is …");
        }
        return false;
    };
    let Some(best) = most_stable(&measured.at) else {
        return false;
    };
    line(&measured.at, settings.k, ui);
    let mut taken = false;
    ui.horizontal_wrapped(|ui| {
        let said = format!("Most stable: {} ({:.2})", best.k, best.stability);
        explained(caption(ui, said), words::STABILITY);
        let other = settings.k != Some(best.k);
        if other && ui.small_button(format!("Use {}", best.k)).clicked() {
            settings.k = Some(best.k);
            taken = true;
        }
    });
    taken
}

/// Asks for the measurement once for the same errors under the same settings.
fn ask(cx: &mut Cx<'_>, ui: &Ui) {
    let of = without_k(&cx.state.document.settings);
    let errors = cx.derived.counts().uus;
    if errors == 0 {
        return;
    }
    let (id, wanted) = (Id::unique("stability that was asked for"), (of, errors));
    let is_new = ui.data(|kept| kept.get_temp(id).as_ref() != Some(&wanted));
    if is_new && !cx.is_busy(JobKind::Stability) {
        ui.data_mut(|kept| kept.insert_temp(id, wanted));
        cx.ask(Command::MeasureStability);
    }
}

fn line(all: &[StabilityAt], chosen: Option<usize>, ui: &mut Ui) {
    let tokens = tokens(ui.ctx());
    let size = vec2(WIDTH.min(ui.available_width()), HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let most = all.last().map_or(1, |at| at.k).max(2) as f32;
    let inside = rect.shrink(4.0);
    let place = |k: usize, stability: f32| -> Pos2 {
        let x = (k as f32 - 1.0) / (most - 1.0);
        let y = stability.clamp(0.0, 1.0);
        pos2(
            inside.left() + x * inside.width(),
            inside.bottom() - y * inside.height(),
        )
    };
    let painter = ui.painter();
    let ends = [place(1, STABLE_FROM).x, inside.right()];
    let stable = [0, 1].map(|end| pos2(ends[end], place(1, STABLE_FROM).y));
    let weak = Stroke::new(1.0, tokens.border);
    painter.add(Shape::dashed_line(&stable, weak, 3.0, 3.0));
    if let Some(k) = chosen {
        let x = place(k.min(most as usize), 0.0).x;
        painter.vline(x, inside.y_range(), Stroke::new(1.0, tokens.accent));
    }
    let points: Vec<Pos2> = all.iter().map(|at| place(at.k, at.stability)).collect();
    painter.add(Shape::line(points, Stroke::new(1.5, tokens.text_weak)));
    if let Some(best) = most_stable(all) {
        let at = place(best.k, best.stability);
        painter.circle_filled(at, 3.5, tokens.good);
    }
    let said: Vec<String> = all
        .iter()
        .map(|at| format!("{}: {:.2}", at.k, at.stability))
        .collect();
    let told = format!("Stability by number of blind spots: {}", said.join(", "));
    response.widget_info(|| WidgetInfo::labeled(eframe::egui::Role::Label, true, &told));
    response.on_hover_text(format!("{told}. {}", words::STABILITY));
}
