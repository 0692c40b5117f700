//! τ, k and Freeze, with what they would change.

use eframe::egui::{self, RichText, Slider, Ui};

use super::widgets::{caption, explained, fact, primary_button, section};
use crate::blind_spots::{MOST_BLIND_SPOTS, STABLE_FROM};
use crate::gui::read::{Ask, Read};
use crate::gui::theme::tokens;
use crate::gui::view_state::ViewState;
use crate::gui::words;
use crate::records::{DiscoverySettings, Role};
use crate::session::{Command, JobKind};
use crate::support::text::many;

/// Largest smallest group that the slider offers.
const MOST_SMALLEST: usize = 50;

/// Shows the settings of discovery, what they find, and Freeze.
pub fn ui(read: &Read<'_>, view: &mut ViewState, ui: &mut Ui, out: &mut Vec<Ask>) {
    let before = &read.state.document.settings;
    let mut settings = before.clone();
    let released = controls(&mut settings, read.derived.spots.len(), ui);
    if settings != *before {
        out.push(Command::SetDiscovery(settings).into());
    }
    if released {
        out.push(Command::EndEdit.into());
    }
    found(read, ui);
    freeze(read, view, ui, out);
}

/// The controls; whether a slider was let go.
fn controls(settings: &mut DiscoverySettings, spots: usize, ui: &mut Ui) -> bool {
    let mut released = false;
    let tau = Slider::new(&mut settings.tau, 0.5..=0.999)
        .fixed_decimals(3)
        .text("confidence τ");
    let tau = explained(ui.add(tau), words::TAU);
    released |= tau.drag_stopped() || tau.lost_focus();
    ui.horizontal(|ui| {
        let mut chosen = settings.k.is_some();
        let tick = ui.checkbox(&mut chosen, "choose k");
        explained(tick, "Choose the number of blind spots yourself");
        if chosen != settings.k.is_some() {
            settings.k = chosen.then_some(spots.max(1));
        }
        if !chosen {
            caption(ui, "about one for 15 errors").on_hover_text(words::K);
        }
    });
    if let Some(k) = &mut settings.k {
        let slider = Slider::new(k, 1..=MOST_BLIND_SPOTS).text("blind spots k");
        let slider = explained(ui.add(slider), words::K);
        released |= slider.drag_stopped() || slider.lost_focus();
    }
    egui::CollapsingHeader::new("More settings").show(ui, |ui| {
        let scale = ui.checkbox(&mut settings.scale_temperature, "temperature scaling");
        explained(scale, words::TEMPERATURE);
        let mix = ui.checkbox(&mut settings.mix_confusions, "may mix confusions");
        explained(mix, words::MIX);
        if !settings.mix_confusions {
            let slider = Slider::new(&mut settings.smallest_group, 1..=MOST_SMALLEST);
            let slider = explained(ui.add(slider.text("smallest group")), words::SMALLEST_GROUP);
            released |= slider.drag_stopped() || slider.lost_focus();
        }
    });
    released
}

/// What the settings find.
fn found(read: &Read<'_>, ui: &mut Ui) {
    let counts = read.derived.counts();
    fact(
        ui,
        "Unknown unknowns",
        RichText::new(format!("{} of {}", counts.uus, counts.discovery)).strong(),
        words::UU,
    );
    if counts.uus == 0 && counts.elsewhere > 0 {
        caption(
            ui,
            format!(
                "The map also rings {} of other roles; blind spots are looked for in “{}” alone",
                many(counts.elsewhere, "unknown unknown"),
                Role::Discovery
            ),
        );
    }
    fact(
        ui,
        "Blind spots",
        RichText::new(read.derived.spots.len().to_string()).strong(),
        words::BLIND_SPOT,
    );
    fact(
        ui,
        "Not yet triaged",
        counts.untriaged.to_string(),
        words::TRIAGE,
    );
    let stability = match (read.derived.previewing, read.state.snapshot()) {
        (false, Some(snapshot)) => snapshot.stability,
        _ => read.state.preview.as_ref().and_then(|p| p.stability),
    };
    if let Some(value) = stability {
        let tokens = tokens(ui.ctx());
        let (word, colour) = if value < STABLE_FROM {
            ("not stable", tokens.caution)
        } else {
            ("stable", tokens.good)
        };
        let text = RichText::new(format!("{value:.2}, {word}")).color(colour);
        fact(ui, "Stability", text, words::STABILITY);
    }
    power(read, ui);
    for note in notes(read) {
        caption(ui, note);
    }
}

/// What *final* will be able to show under these settings: said before
/// anybody spends time on teaching.
fn power(read: &Read<'_>, ui: &mut Ui) {
    let preview = read.state.preview.as_ref();
    let Some(preview) = preview.filter(|p| p.settings == read.state.document.settings) else {
        return;
    };
    for (source, power) in &preview.power {
        let name = match preview.power.len() {
            1 => "Can be shown".to_owned(),
            _ => format!("Can be shown on {source}"),
        };
        let tokens = tokens(ui.ctx());
        let value = match power.detectable {
            Some(share) => RichText::new(format!("−{:.0} % or more", share * 100.0)),
            None => RichText::new("nothing yet").color(tokens.caution),
        };
        let meaning = format!("{} {}", words::POWER, power.sentence);
        fact(ui, &name, value, &meaning);
    }
}

fn notes<'a>(read: &Read<'a>) -> &'a [String] {
    match (read.derived.previewing, read.state.snapshot()) {
        (false, Some(snapshot)) => &snapshot.notes,
        _ => read
            .state
            .preview
            .as_ref()
            .map_or(&[], |preview| &preview.notes),
    }
}

fn freeze(read: &Read<'_>, view: &mut ViewState, ui: &mut Ui, out: &mut Vec<Ask>) {
    let busy = read.jobs.active(JobKind::Freeze).is_some();
    let snapshot = read.state.snapshot();
    if read.derived.previewing {
        let label = if snapshot.is_some() {
            "Freeze as a new version"
        } else {
            "Freeze"
        };
        let possible = !busy && read.derived.counts().uus > 0;
        let button = primary_button(ui, label, possible);
        let button = explained(button, words::FREEZE)
            .on_disabled_hover_text("There are no unknown unknowns to freeze at this τ");
        if button.clicked() {
            out.push(Command::Freeze.into());
        }
        if let Some(snapshot) = snapshot {
            let back = ui.button(format!("Back to version {}", snapshot.version));
            if back
                .on_hover_text("Puts τ, k and the rest back as frozen")
                .clicked()
            {
                out.push(Command::SetDiscovery(snapshot.settings.clone()).into());
                out.push(Command::EndEdit.into());
            }
        }
    } else if let Some(snapshot) = snapshot {
        ui.horizontal(|ui| {
            caption(ui, format!("Frozen as version {}", snapshot.version));
            let again = ui.add_enabled(!busy, egui::Button::new("Freeze again").small());
            if explained(again, words::FREEZE).clicked() {
                out.push(Command::Freeze.into());
            }
        });
    }
    versions(read, ui, out);
    orphans(read, view, ui);
}

fn versions(read: &Read<'_>, ui: &mut Ui, out: &mut Vec<Ask>) {
    let snapshots = &read.state.snapshots;
    if snapshots.len() < 2 {
        return;
    }
    let current = read.state.document.snapshot;
    let shown = current.map_or_else(|| "none".to_owned(), |v| format!("version {v}"));
    let menu = egui::ComboBox::from_label("in use").selected_text(shown);
    menu.show_ui(ui, |ui| {
        for snapshot in snapshots.iter().rev() {
            let version = snapshot.version;
            let spots = snapshot.blind_spots.len();
            let label = format!("version {version}: {spots} blind spots");
            if ui
                .selectable_label(current == Some(version), label)
                .clicked()
            {
                out.push(Command::UseSnapshot(version).into());
                out.push(Command::SetDiscovery(snapshot.settings.clone()).into());
                out.push(Command::EndEdit.into());
            }
        }
    });
}

/// Blind spots that no current one continues, with what hangs on them.
fn orphans(read: &Read<'_>, _view: &mut ViewState, ui: &mut Ui) {
    let Some(snapshot) = read.state.snapshot().filter(|s| !s.orphans.is_empty()) else {
        return;
    };
    section(ui, "Orphans", words::ORPHANS);
    for orphan in &snapshot.orphans {
        let lessons = read.state.document.lessons.values();
        let lessons = lessons
            .filter(|lesson| lesson.blind_spot == *orphan)
            .count();
        let name = earlier_name(read, *orphan);
        caption(ui, format!("{name}: {} kept", many(lessons, "lesson")));
    }
}

fn earlier_name(read: &Read<'_>, id: crate::records::BlindSpotId) -> String {
    let by_hand = read.state.document.names.get(&id).cloned();
    by_hand
        .or_else(|| {
            let earlier = read.state.snapshots.iter().rev();
            earlier
                .filter_map(|snapshot| snapshot.blind_spot(id))
                .map(|spot| spot.name.clone())
                .next()
        })
        .unwrap_or_else(|| format!("blind spot {id}"))
}
