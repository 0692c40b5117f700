//! Every control has a name, on every screen: screen readers depend on it.

use eframe::egui::{Theme, accesskit};
use egui_kittest::kittest::NodeT as _;

use crate::demo::choose_error;
use crate::support::{Window, click, click_first, demo, options, window};

/// The controls without a name.
fn nameless(window: &Window) -> Vec<String> {
    let controls = window.root().children_recursive().filter(|node| {
        let node = node.accesskit_node();
        let takes = |action| node.data().supports_action(action);
        // A text that can be selected can take the focus too; it is read as it is.
        // Scroll bars belong to what they scroll, the handles between columns
        // (which have no role) to their table.
        let is_text = matches!(
            node.role(),
            accesskit::Role::Label | accesskit::Role::ScrollBar | accesskit::Role::Unknown
        );
        // Rows that a table keeps for scrolling have no place and are not drawn.
        let is_drawn = node
            .raw_bounds()
            .is_some_and(|bounds| bounds.x0.is_finite());
        !is_text && is_drawn && (takes(accesskit::Action::Focus) || takes(accesskit::Action::Click))
    });
    controls
        .filter(|node| {
            let node = node.accesskit_node();
            let has_text = |text: Option<String>| text.is_some_and(|text| !text.trim().is_empty());
            !has_text(node.label()) && !has_text(node.placeholder().map(str::to_owned))
        })
        .map(|node| format!("{:?} at {:?}", node.accesskit_node().role(), node.rect()))
        .collect()
}

#[test]
fn every_control_of_every_screen_has_a_name() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut start = window(options(None, None), [1280.0, 800.0], Theme::Dark);
    start.run_steps(3);
    assert_eq!(nameless(&start), Vec::<String>::new(), "start screen");

    let mut window = demo(folder.path());
    for stage in ["Data:", "Blind spots:", "Teach:", "Retrain:", "Compare:"] {
        click_first(&mut window, stage);
        assert_eq!(nameless(&window), Vec::<String>::new(), "{stage}");
    }
    click_first(&mut window, "Blind spots:");
    click_first(&mut window, "Blind spot ");
    assert_eq!(nameless(&window), Vec::<String>::new(), "a blind spot");
    click_first(&mut window, "Teach:");
    assert_eq!(nameless(&window), Vec::<String>::new(), "a lesson");
    click_first(&mut window, "Blind spots:");
    choose_error(&mut window, 0);
    assert_eq!(nameless(&window), Vec::<String>::new(), "an example");
    click(&mut window, "Filter");
    assert_eq!(nameless(&window), Vec::<String>::new(), "filters");
}
