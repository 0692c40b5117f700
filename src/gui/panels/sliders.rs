//! τ, k and Freeze, with what they would change.

use eframe::egui::{self, RichText, Slider, Ui};

use super::stability;
use super::widgets::{button_if, caption, explained, fact, primary_button, section};
use crate::blind_spots::{MOST_BLIND_SPOTS, STABLE_FROM};
use crate::discovery::lowest_tau;
use crate::gui::read::{Cx, Read};
use crate::gui::theme::tokens;
use crate::gui::words;
use crate::records::{BlindSpotId, DiscoverySettings, Role};
use crate::session::{Command, JobKind};
use crate::support::text::many;

/// Highest τ that the slider offers.
const HIGHEST_TAU: f32 = 0.999;
/// Largest smallest group that the slider offers.
const MOST_SMALLEST: usize = 50;

/// Height of the open settings at most, as a share of the room there is.
const MOST_HEIGHT: f32 = 0.6;

/// Shows Freeze where there is something to freeze, and, folded, the settings of
/// discovery and what they find.
pub fn ui(cx: &mut Cx<'_>, ui: &mut Ui) {
    if cx.derived.previewing && !cx.derived.spots.is_empty() {
        freeze(cx, ui);
    }
    let name = format!("Settings: τ {:.2}", cx.state.document.settings.tau);
    let height = ui.ctx().content_rect().height() * MOST_HEIGHT;
    let header = egui::CollapsingHeader::new(name)
        .id_salt("settings of discovery")
        .default_open(cx.state.snapshot().is_none());
    header.show(ui, |ui| {
        egui::ScrollArea::vertical()
            .max_height(height)
            .show(ui, |ui| settings(cx, ui));
    });
}

fn settings(cx: &mut Cx<'_>, ui: &mut Ui) {
    let before = &cx.state.document.settings;
    let mut settings = before.clone();
    let lowest = lowest_tau(cx.state.dataset.labels.len());
    let mut released = controls(&mut settings, (lowest, cx.derived.spots.len()), ui);
    if settings.k.is_some() {
        released |= stability::ui(&mut settings, cx, ui);
    }
    if settings != *before {
        cx.ask(Command::SetDiscovery(settings));
    }
    if released {
        cx.ask(Command::EndEdit);
    }
    found(cx, ui);
    if !cx.derived.previewing {
        freeze(cx, ui);
    }
    versions(cx, ui);
    orphans(cx, ui);
}

/// The controls; whether a slider was let go.
fn controls(settings: &mut DiscoverySettings, (lowest, spots): (f32, usize), ui: &mut Ui) -> bool {
    let mut released = false;
    // A τ beyond is somebody's choice, and is not changed by being shown.
    let range = lowest.min(settings.tau)..=settings.tau.max(HIGHEST_TAU);
    let tau = Slider::new(&mut settings.tau, range)
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
    let uus = format!("{} of {}", counts.uus, counts.discovery);
    fact(
        ui,
        "Unknown unknowns",
        RichText::new(uus).strong(),
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
    let spots = RichText::new(read.derived.spots.len().to_string()).strong();
    fact(ui, "Blind spots", spots, words::BLIND_SPOT);
    let untriaged = counts.untriaged.to_string();
    fact(ui, "Not yet triaged", untriaged, words::TRIAGE);
    let preview = read.state.preview.as_ref();
    let (stability, notes) = match (read.derived.previewing, read.state.snapshot(), preview) {
        (false, Some(frozen), _) => (frozen.stability, &frozen.notes[..]),
        (_, _, Some(preview)) => (preview.stability, &preview.notes[..]),
        _ => (None, &[][..]),
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
    for note in notes {
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

fn freeze(cx: &mut Cx<'_>, ui: &mut Ui) {
    let idle = !cx.is_busy(JobKind::Freeze);
    let snapshot = cx.state.snapshot();
    if cx.derived.previewing {
        let label = match snapshot {
            Some(_) => "Freeze as a new version",
            None => "Freeze",
        };
        let button = primary_button(ui, label, idle && cx.derived.counts().uus > 0);
        let button = explained(button, words::FREEZE)
            .on_disabled_hover_text("There are no unknown unknowns to freeze at this τ");
        if button.clicked() {
            cx.ask(Command::Freeze);
        }
        if let Some(snapshot) = snapshot {
            let back = format!("Back to version {}", snapshot.version);
            if button_if(ui, true, &back, "Puts τ, k and the rest back as frozen") {
                cx.ask(Command::SetDiscovery(snapshot.settings.clone()));
                cx.ask(Command::EndEdit);
            }
        }
    } else if let Some(snapshot) = snapshot {
        ui.horizontal(|ui| {
            caption(ui, format!("Frozen as version {}", snapshot.version));
            let again = ui.add_enabled(idle, egui::Button::new("Freeze again").small());
            if explained(again, words::FREEZE).clicked() {
                cx.ask(Command::Freeze);
            }
        });
    }
}

fn versions(cx: &mut Cx<'_>, ui: &mut Ui) {
    let snapshots = &cx.state.snapshots;
    if snapshots.len() < 2 {
        return;
    }
    let current = cx.state.document.snapshot;
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
                cx.ask(Command::UseSnapshot(version));
                cx.ask(Command::SetDiscovery(snapshot.settings.clone()));
                cx.ask(Command::EndEdit);
            }
        }
    });
}

/// Blind spots that no current one continues, with what hangs on them.
fn orphans(read: &Read<'_>, ui: &mut Ui) {
    let Some(snapshot) = read.state.snapshot().filter(|s| !s.orphans.is_empty()) else {
        return;
    };
    section(ui, "Orphans", words::ORPHANS);
    for orphan in &snapshot.orphans {
        let lessons = many(read.lessons_on(*orphan).count(), "lesson");
        caption(
            ui,
            format!("{}: {lessons} kept", earlier_name(read, *orphan)),
        );
    }
}

fn earlier_name(read: &Read<'_>, id: BlindSpotId) -> String {
    let by_hand = read.state.document.names.get(&id);
    let earlier = read.state.snapshots.iter().rev();
    let mut found = earlier.filter_map(|snapshot| snapshot.blind_spot(id));
    by_hand
        .or_else(|| Some(&found.next()?.name))
        .cloned()
        .unwrap_or_else(|| format!("blind spot {id}"))
}
