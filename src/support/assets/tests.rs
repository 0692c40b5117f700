//! What comes with the program, from every place where it can lie.

use std::path::Path;

use super::*;

static CARRIED: [Carried; 4] = [
    Carried {
        path: "assets/all-MiniLM-L6-v2/config.json",
        bytes: b"{}",
    },
    Carried {
        path: "assets/all-MiniLM-L6-v2/model.safetensors",
        bytes: b"weights",
    },
    Carried {
        path: "projects/sentiment/project.toml",
        bytes: b"name = \"carried\"",
    },
    Carried {
        path: "projects/sentiment/data/film.csv",
        bytes: b"text,label\n",
    },
];

fn shipped(surroundings: Surroundings, carried: &'static [Carried]) -> Shipped {
    Shipped {
        surroundings,
        carrier: Carrier(carried),
    }
}

/// A folder with a demo, as a checkout or a package has it.
fn with_demo(folder: &Path) {
    let demo = folder.join("projects/sentiment");
    std::fs::create_dir_all(demo.join(".blindspot")).expect("makes");
    std::fs::write(demo.join("project.toml"), "name = \"found\"").expect("writes");
    std::fs::write(demo.join(".blindspot/state"), "").expect("writes");
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("is there")
}

#[test]
fn the_program_alone_unpacks_what_it_carries_and_mends_it() {
    let desk = tempfile::tempdir().expect("temporary folder");
    let alone = shipped(
        Surroundings {
            program: Some(desk.path().join("bin/blindspot")),
            data_home: Some(desk.path().join("data")),
            ..Surroundings::default()
        },
        &CARRIED,
    );
    let encoder = alone.encoder().expect("is carried");
    assert!(encoder.starts_with(desk.path().join("data/blindspot")));
    let weights = encoder.join("model.safetensors");
    assert_eq!(read(&weights), "weights");
    std::fs::write(&weights, "weigh").expect("damages it");
    alone.encoder().expect("is mended");
    assert_eq!(read(&weights), "weights");

    let demo = alone.demo("sentiment").expect("is carried");
    assert_eq!(read(&demo.join("data/film.csv")), "text,label\n");
    std::fs::write(demo.join("project.toml"), "name = \"mine\"").expect("writes");
    assert_eq!(alone.demo("sentiment").expect("is there"), demo);
    assert_eq!(read(&demo.join("project.toml")), "name = \"mine\"");
    assert_eq!(alone.demos(), ["sentiment"]);
}

#[test]
fn a_demo_is_opened_in_a_checkout_and_copied_from_a_package() {
    let desk = tempfile::tempdir().expect("temporary folder");
    let (checkout, prefix) = (desk.path().join("checkout"), desk.path().join("usr"));
    with_demo(&checkout);
    std::fs::write(checkout.join("Cargo.toml"), "").expect("writes");
    with_demo(&prefix.join("share/blindspot"));
    let of = |program: &Path| Surroundings {
        program: Some(program.to_owned()),
        data_home: Some(desk.path().join("data")),
        ..Surroundings::default()
    };

    let built = of(&checkout.join("target/release/blindspot"));
    let demo = shipped(built, &CARRIED).demo("sentiment");
    assert_eq!(demo.expect("found"), checkout.join("projects/sentiment"));
    assert!(!desk.path().join("data").exists(), "nothing is copied");

    let installed = shipped(of(&prefix.join("bin/blindspot")), &[]);
    let demo = installed.demo("sentiment").expect("found");
    assert_eq!(demo, desk.path().join("data/blindspot/demos/sentiment"));
    assert_eq!(read(&demo.join("project.toml")), "name = \"found\"");
    assert!(!demo.join(".blindspot").exists(), "another's state");
}

#[cfg(unix)]
#[test]
fn a_demo_in_a_folder_that_is_no_folder_of_the_user_is_never_written_to() {
    // What a read-only checkout does: the demo's folder takes no file.
    let desk = tempfile::tempdir().expect("temporary folder");
    let checkout = desk.path().join("checkout");
    with_demo(&checkout);
    let folder = checkout.join("projects/sentiment");
    let modes: std::fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o555);
    std::fs::set_permissions(&folder, modes).expect("sets");
    if is_writable(&folder) {
        return; // root may write everywhere
    }
    let named = shipped(
        Surroundings {
            home: Some(checkout.clone()),
            data_home: Some(desk.path().join("data")),
            ..Surroundings::default()
        },
        &[],
    );
    let demo = named.demo("sentiment").expect("copied");
    assert!(demo.starts_with(desk.path().join("data")));
}

#[test]
fn what_is_nowhere_is_told_with_the_places() {
    let empty = shipped(
        Surroundings {
            home: Some("/nowhere/home".into()),
            program: Some("/nowhere/bin/blindspot".into()),
            ..Surroundings::default()
        },
        &[],
    );
    for error in [
        empty.encoder().expect_err("nowhere"),
        empty.demo("sentiment").expect_err("nowhere"),
    ] {
        let said = error.to_string();
        for place in ["/nowhere/home", "/nowhere/bin", "/nowhere/share/blindspot"] {
            assert!(said.contains(&format!("`{place}`")), "{said}");
        }
        assert!(
            error
                .remedy()
                .is_some_and(|hint| hint.contains("BLINDSPOT_HOME"))
        );
    }
    let carrying = shipped(Surroundings::default(), &CARRIED);
    let error = carrying.encoder().expect_err("no folder of the user's own");
    assert!(
        error
            .remedy()
            .is_some_and(|hint| hint.contains("XDG_DATA_HOME"))
    );
    let error = carrying.demo("sentimental").expect_err("another name");
    assert!(
        error
            .remedy()
            .is_some_and(|hint| hint.contains("sentiment"))
    );
}

#[test]
fn a_copy_goes_into_a_new_folder_only() {
    let desk = tempfile::tempdir().expect("temporary folder");
    let files = Carrier(&CARRIED).below(Path::new("projects/sentiment"));
    let to = desk.path().join("deeper/mine");
    copy::into_new_folder(&files, &to).expect("copies");
    assert_eq!(read(&to.join("project.toml")), "name = \"carried\"");
    assert!(copy::into_new_folder(&files, &to).is_err(), "it is there");
    let left = std::fs::read_dir(desk.path().join("deeper")).expect("reads");
    assert_eq!(left.count(), 1, "nothing half-made stays");
}
