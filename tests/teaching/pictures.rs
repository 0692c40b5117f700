//! Pictures of each step to look at, in both themes and two sizes.

use std::path::Path;

use eframe::egui::{Key, Theme};

use crate::window::{
    Window, allowed_texts, frozen_project, open_in, press, press_first, press_key, samples,
    type_into, wait_until,
};

#[test]
#[ignore = "needs `--features pictures` and a Vulkan adapter; writes pictures to look at"]
fn teaching_to_comparing() {
    let out = std::env::var("PICTURES").expect("PICTURES names a folder");
    let folder = frozen_project();
    let texts = allowed_texts(folder.path(), 16);
    let looks = [
        (Theme::Dark, "dark", [1280.0, 720.0]),
        (Theme::Light, "light", [1920.0, 1080.0]),
    ];
    for (round, (theme, name, size)) in looks.into_iter().enumerate() {
        let mut window = open_in(folder.path(), size, theme);
        let shot = |window: &mut Window, what: &str| {
            window.run_steps(30);
            let path = Path::new(&out).join(format!("{what}-{name}.png"));
            window.render().expect("renders").save(path).expect("saves");
        };
        press_first(&mut window, "Teach:");
        shot(&mut window, "t1-empty");
        type_into(
            &mut window,
            "New hypothesis",
            "Funny is praise, whatever else is said",
        );
        press_key(&mut window, Key::Enter);
        let before = samples(crate::window::state(&window));
        for text in &texts[8 * round..8 * round + 8] {
            type_into(&mut window, "New sample", text);
            press_key(&mut window, Key::Enter);
        }
        wait_until(&mut window, |state| samples(state) == before + 8);
        press_first(&mut window, "Edit a copy");
        std::thread::sleep(std::time::Duration::from_secs(2));
        shot(&mut window, "t2-editing");
        press_first(&mut window, "Retrain:");
        shot(&mut window, "t3-retrain");
        press(&mut window, "Start retraining");
        window.run_steps(40);
        shot(&mut window, "t4-running");
        wait_until(&mut window, |state| state.rounds.len() > round);
        shot(&mut window, "t5-rounds");
        press_first(&mut window, "Compare:");
        shot(&mut window, "t6-compare");
        press(&mut window, "Side by side");
        press_first(&mut window, "corrected:");
        shot(&mut window, "t7-side-by-side");
        press(&mut window, "Teach mode");
        shot(&mut window, "t8-teach-mode");
        press(&mut window, "Leave teach mode");
        press(&mut window, "Present");
        shot(&mut window, "t9-presentation");
        press(&mut window, "End the presentation");
    }
}
