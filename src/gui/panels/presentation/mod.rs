//! The story of a project on five pages that fill the screen, for people who
//! look from some metres away: a text that fools the model, where such texts
//! lie, why, before and after, and what it comes to.
//!
//! Of the errors only those are shown that teachers may see; of the map only
//! where texts lie, and none of them to read.

mod before_after;
mod fooled;
mod hypothesis;
mod map;
mod numbers;
mod scale;
mod told;

use eframe::egui::{
    self, Align, Context, Frame, InputState, Key, Label, Layout, Modifiers, Panel, Rect, RichText,
    Ui, UiBuilder,
};

use self::map::MapPage;
use self::scale::Scale;
use crate::gui::command_text::Shortcut;
use crate::gui::read::Cx;
use crate::gui::theme::{self, tokens};
use crate::gui::view_state::{Page, ViewState};

/// What is kept from frame to frame.
#[derive(Default)]
pub struct Presentation {
    map: MapPage,
}

/// Shows the page, and below it how to go on.
pub fn ui(presentation: &mut Presentation, cx: &mut Cx<'_>, ui: &mut Ui) {
    let scale = Scale::of(ui.available_size());
    let fill = tokens(ui.ctx()).canvas;
    let frame = Frame::new().fill(fill).inner_margin(scale.gap());
    let texts = told::fooled(&cx.read);
    Panel::bottom("turn the pages")
        .frame(frame)
        .show_separator_line(false)
        .show(ui, |ui| footer(texts.len(), scale, cx.view, ui));
    egui::CentralPanel::default_margins()
        .frame(frame)
        .show(ui, |ui| match cx.view.page {
            Page::Fooled => fooled::ui(&texts, scale, cx, ui),
            Page::Map => map::ui(&mut presentation.map, scale, cx, ui),
            Page::Hypothesis => {
                let spot = chosen(&texts, cx.view).map(|fooled| fooled.spot);
                hypothesis::ui(spot, scale, cx, ui);
            }
            Page::BeforeAfter => before_after::ui(scale, cx, ui),
            Page::Numbers => numbers::ui(scale, cx, ui),
        });
}

/// The text that was chosen among those that fool the model.
fn chosen<'t>(texts: &'t [told::Fooled], view: &ViewState) -> Option<&'t told::Fooled> {
    texts.get(view.fooled).or_else(|| texts.first())
}

/// What the keyboard asks for: pages by a presenter's keys and the arrows to the
/// sides, and on the first one other texts by the arrows up and down.
pub fn keys(view: &mut ViewState, ctx: &Context) {
    let pressed = |keys: &[Key]| {
        let press = |input: &mut InputState, key| input.consume_key(Modifiers::NONE, key);
        let any = keys
            .iter()
            .filter(|key| ctx.input_mut(|input| press(input, **key)));
        any.count() > 0
    };
    let (up, down) = (pressed(&[Key::ArrowUp]), pressed(&[Key::ArrowDown]));
    let (mut back, mut on) = (
        pressed(&[Key::PageUp, Key::ArrowLeft]),
        pressed(&[Key::PageDown, Key::ArrowRight, Key::Space]),
    );
    if view.page == Page::Fooled {
        view.fooled = view.fooled.saturating_sub(usize::from(up));
        // Beyond the last text it is the footer that knows how many there are.
        view.fooled += usize::from(down);
    } else {
        (back, on) = (back || up, on || down);
    }
    turn(view, back, on);
}

fn turn(view: &mut ViewState, back: bool, on: bool) {
    if on {
        view.page = view.page.next();
    } else if back {
        view.page = view.page.previous();
    }
}

/// Which page it is, and buttons for those without the keys.
fn footer(texts: usize, scale: Scale, view: &mut ViewState, ui: &mut Ui) {
    view.fooled = view.fooled.min(texts.saturating_sub(1));
    let (first, last) = (Page::ALL[0], Page::ALL[Page::ALL.len() - 1]);
    ui.horizontal(|ui| {
        let button = |ui: &mut Ui, enabled: bool, text: &str, meaning: String| {
            let text = RichText::new(text).size(scale.small());
            let button = ui.add_enabled(enabled, egui::Button::new(text));
            button.on_hover_text(meaning).clicked()
        };
        let back = button(
            ui,
            view.page != first,
            "Back",
            "Page up or arrow to the left".into(),
        );
        let on = button(
            ui,
            view.page != last,
            "Next",
            "Page down, space or arrow to the right".into(),
        );
        let number = format!("{} of {}", view.page.number(), Page::ALL.len());
        ui.label(RichText::new(number).size(scale.small()).strong());
        if view.page == Page::Fooled && texts > 1 {
            ui.separator();
            let (at, least) = (view.fooled, view.fooled > 0);
            if button(ui, least, "Text before", "Arrow up".into()) {
                view.fooled = at.saturating_sub(1);
            }
            if button(ui, at + 1 < texts, "Another text", "Arrow down".into()) {
                view.fooled = at + 1;
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let keys = Shortcut::Presentation.written(ui.ctx());
            if button(
                ui,
                true,
                "End the presentation",
                format!("Escape or {keys}"),
            ) {
                view.present();
            }
        });
        turn(view, back, on);
    });
}

/// The head of a page, and what is left below it.
fn page(head: &str, scale: Scale, ui: &mut Ui) -> Rect {
    let mut room = ui.available_rect_before_wrap();
    let top = scale::cut_top(&mut room, scale.title() * 1.5);
    within(top, ui, |ui| {
        let head = RichText::new(head).size(scale.title()).strong();
        ui.add(Label::new(head).truncate());
    });
    room
}

/// What a page says that the project has nothing for yet, and what to do.
fn nothing(head: &str, what: &str, next: &str, scale: Scale, ui: &mut Ui) {
    let mut room = page(head, scale, ui);
    let height = room.height();
    scale::cut_top(&mut room, height * 0.3);
    let weak = tokens(ui.ctx()).text_weak;
    within(room, ui, |ui| {
        ui.vertical_centered(|ui| {
            ui.label(RichText::new(what).size(scale.title()));
            ui.label(RichText::new(next).size(scale.text()).color(weak));
        });
    });
}

/// Something in a part of the page.
fn within<R>(room: Rect, ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let layout = Layout::top_down(Align::Min);
    let builder = UiBuilder::new().max_rect(room).layout(layout);
    ui.scope_builder(builder, |ui| {
        ui.spacing_mut().item_spacing.y = theme::GAP / 2.0;
        ui.set_clip_rect(ui.clip_rect().intersect(room.expand(2.0)));
        contents(ui)
    })
    .inner
}
