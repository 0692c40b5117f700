//! Which column of a table plays which part: named in project.toml, or
//! recognised by a common name in several languages.

use super::{look_alike, spelling};
use crate::records::ColumnNames;
use crate::support::{Error, Result, folding};

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The text, or the first of a pair.
    Text,
    /// The second text of a pair.
    TextB,
    /// The label.
    Label,
    /// Source (domain) of the row.
    Source,
    /// Rows with the same value never straddle roles.
    Group,
    /// Lasting identity.
    Id,
    /// Role of the row.
    Role,
}

impl Part {
    /// All parts; earlier ones choose their column first.
    pub const ALL: [Part; 7] = [
        Part::Text,
        Part::TextB,
        Part::Label,
        Part::Role,
        Part::Id,
        Part::Source,
        Part::Group,
    ];

    /// Its name in project.toml.
    pub fn name(self) -> &'static str {
        match self {
            Part::Text => "text",
            Part::TextB => "text_b",
            Part::Label => "label",
            Part::Source => "source",
            Part::Group => "group",
            Part::Id => "id",
            Part::Role => "role",
        }
    }

    /// Column names that are taken for it, folded, likeliest first.
    fn common_names(self) -> impl Iterator<Item = &'static str> {
        let names = match self {
            Part::Text => {
                "text; sentence; text a; text1; text 1; sentence1; sentence 1; \
                 sentence a; premise; question1; satz; satz1; texte; texto; testo; \
                 tekst; phrase; frase; comment; kommentar; commentaire; comentario; \
                 commento; comment text; review; review text; review body; rezension; \
                 bewertungstext; avis; reseña; tweet; post; beitrag; message; nachricht; \
                 mensaje; messaggio; content; inhalt; contenu; contenido; body; \
                 utterance; query; anfrage; document; dokument; description; \
                 beschreibung; headline; schlagzeile; title; titel; question; frage; \
                 input; 文本; 句子; テキスト; текст; metin; tekst zdania"
            }
            Part::TextB => {
                "text b; text2; text 2; sentence2; sentence 2; sentence b; hypothesis; \
                 hypothese; question2; satz2; satz 2; second text"
            }
            Part::Label => {
                "label; labels; class; klasse; classe; clase; category; kategorie; \
                 catégorie; categoría; categoria; etikett; étiquette; etiqueta; \
                 etichetta; target; ziel; sentiment; stimmung; gold label; gold; intent; \
                 topic; thema; y; output; 标签; ラベル; метка; etykieta; etiket"
            }
            Part::Source => "source; domain; quelle; domäne; origen; fonte",
            Part::Group => {
                "group; group id; gruppe; groupe; grupo; gruppo; author; author id; \
                 autor; auteur; autore; user; user id; thread; thread id; review id; \
                 conversation; conversation id; document id; speaker"
            }
            Part::Id => "id; key; uid; guid; uuid; schlüssel; example id; text id",
            Part::Role => "role; rolle; rôle; rol; ruolo; split; aufteilung",
        };
        names.split("; ")
    }

    /// The names that a column of it may have: the one in project.toml, else the
    /// common ones.
    fn wanted_names(self, names: &ColumnNames) -> Vec<&str> {
        match self.named_in(names) {
            Some(name) => vec![name],
            None => self.common_names().collect(),
        }
    }

    pub(super) fn named_in(self, names: &ColumnNames) -> Option<&str> {
        match self {
            Part::Text => names.text.as_deref(),
            Part::TextB => names.text_b.as_deref(),
            Part::Label => names.label.as_deref(),
            Part::Source => names.source.as_deref(),
            Part::Group => names.group.as_deref(),
            Part::Id => names.id.as_deref(),
            Part::Role => names.role.as_deref(),
        }
    }
}

/// The column of each part in one table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assignment {
    columns: Vec<(Part, usize)>,
    recognised: Vec<Part>,
    rivals: Vec<String>,
    odd_names: Vec<String>,
}

impl Assignment {
    /// Position of a part's column.
    pub fn of(&self, part: Part) -> Option<usize> {
        let found = self.columns.iter().find(|(with, _)| *with == part);
        found.map(|(_, column)| *column)
    }

    /// The part that a column plays.
    pub fn part_of(&self, column: usize) -> Option<Part> {
        let found = self.columns.iter().find(|(_, at)| *at == column);
        found.map(|(part, _)| *part)
    }

    /// The parts that were recognised rather than named, as `text = Satz`.
    pub fn recognised(&self, header: &[String]) -> Vec<String> {
        let shown = self.recognised.iter().filter_map(|part| {
            let name = header.get(self.of(*part)?)?;
            Some(format!("{} = `{}`", part.name(), spelling::shown(name)))
        });
        shown.collect()
    }
}

/// Finds the column of each part.
///
/// Text and label must be there, and a second text that `names` names; source,
/// group, id and role may be missing. `file` is named in errors.
pub fn assign(header: &[String], names: &ColumnNames, file: &str) -> Result<Assignment> {
    let assignment = recognise(header, names);
    for part in [Part::Text, Part::TextB, Part::Label] {
        let wanted = part.named_in(names);
        if assignment.of(part).is_none() && (part != Part::TextB || wanted.is_some()) {
            return Err(missing(part, header, names, file));
        }
    }
    Ok(assignment)
}

/// The error of a table without a column for a part; names those it has.
pub(crate) fn missing(part: Part, header: &[String], names: &ColumnNames, file: &str) -> Error {
    let what = match part.named_in(names) {
        Some(name) => format!("`{file}` has no column `{name}` ({})", part.name()),
        None => format!("`{file}` has no column that looks like the {}", part.name()),
    };
    let wanted = part.wanted_names(names);
    let mut alike = header.iter();
    let alike = alike.find_map(|name| look_alike::told(name, wanted.iter().copied()));
    let alike = alike.map_or(String::new(), |told| format!("; {told}"));
    let columns = listed(header);
    Error::input(format!("{what}; its columns are {columns}{alike}")).hint(format!(
        "write the right name under [data.columns] as {} = \"…\"; if the file has no header, add \
         one as its first row",
        part.name()
    ))
}

/// Finds what can be found, without insisting on any part.
pub fn recognise(header: &[String], names: &ColumnNames) -> Assignment {
    let mut assignment = Assignment::default();
    let loose = |name: &str| folding::folded(&spelling::visible(name));
    let folded: Vec<String> = header.iter().map(|name| loose(name)).collect();
    for part in Part::ALL {
        if let Some(name) = part.named_in(names) {
            let loosely = loose(name);
            let called = |column: usize| same_name(&header[column], name);
            let near = |column: usize| folded[column] == loosely;
            assignment.take(part, header, name.trim(), called, near);
        }
    }
    for part in Part::ALL {
        // A second text alone is none: `hypothesis` beside `text` is a pair,
        // but nothing is a pair whose first text nobody knows.
        let pointless = part == Part::TextB && assignment.of(Part::Text).is_none();
        if part.named_in(names).is_some() || pointless {
            continue;
        }
        for name in part.common_names() {
            let called = |column: usize| folded[column] == name;
            if assignment.take(part, header, name, called, called) {
                assignment.recognised.push(part);
                break;
            }
        }
    }
    assignment.odd_names = odd_names(&assignment, header, names);
    assignment
}

/// What is to be told of columns whose names are not what they look like.
fn odd_names(assignment: &Assignment, header: &[String], names: &ColumnNames) -> Vec<String> {
    let told = header.iter().enumerate().filter_map(|(at, name)| {
        if let Some(part) = assignment.part_of(at) {
            let alike = look_alike::told(name, part.common_names());
            let hides = spelling::hides_something(name).then(|| {
                let name = spelling::shown(name);
                format!("`{name}` holds characters that nobody sees")
            });
            let why = alike.or(hides)?;
            let (part, number) = (part.name(), at + 1);
            return Some(format!(
                "the {part} is read from column {number}, whose name is not what it seems: {why}"
            ));
        }
        Part::ALL.into_iter().find_map(|part| {
            let alike = look_alike::told(name, part.wanted_names(names))?;
            Some(format!(
                "its column {} {alike}, so that it is not read as the {1}: if it is that, rename \
                 it, or write its name under [data.columns] as {1} = \"…\"",
                at + 1,
                part.name()
            ))
        })
    });
    told.collect()
}

/// Whether two names of a column differ in case, spaces and what nobody sees at
/// most.
fn same_name(one: &str, other: &str) -> bool {
    let bare = |name: &str| spelling::visible(name).trim().to_lowercase();
    bare(one) == bare(other)
}

impl Assignment {
    /// Gives a part the free column that is called `name`, or else the first
    /// that is `called` so loosely. What is as `near` to the name is told.
    fn take(
        &mut self,
        part: Part,
        header: &[String],
        name: &str,
        called: impl Fn(usize) -> bool,
        near: impl Fn(usize) -> bool,
    ) -> bool {
        let free = |at: &usize| self.part_of(*at).is_none();
        let exact = (0..header.len())
            .filter(free)
            .find(|at| header[*at] == name);
        let Some(taken) = exact.or_else(|| (0..header.len()).filter(free).find(|at| called(*at)))
        else {
            return false;
        };
        let rivals = (0..header.len()).filter(|at| *at != taken && near(*at));
        let rivals: Vec<String> = rivals
            .map(|at| format!("`{}` (column {})", spelling::shown(&header[at]), at + 1))
            .collect();
        if !rivals.is_empty() {
            self.rivals.push(format!(
                "the {} is read from column {}, `{}`, and not from {}, whose name is the same or \
                 differs only in case, spaces or what nobody sees: if that is wrong, rename one of \
                 them",
                part.name(),
                taken + 1,
                spelling::shown(&header[taken]),
                rivals.join(", ")
            ));
        }
        self.columns.push((part, taken));
        true
    }

    /// What is to be told about columns of one name, a sentence for each part.
    pub fn rivals(&self) -> &[String] {
        &self.rivals
    }

    /// What is to be told about columns whose names are not what they look like.
    pub fn odd_names(&self) -> &[String] {
        &self.odd_names
    }
}

/// Column names for a message, at most twenty.
pub(crate) fn listed(header: &[String]) -> String {
    let shown: Vec<String> = header
        .iter()
        .take(20)
        .map(|name| format!("`{}`", spelling::shown(name)))
        .collect();
    let more = header.len().saturating_sub(shown.len());
    match (shown.is_empty(), more) {
        (true, _) => "none".to_owned(),
        (false, 0) => shown.join(", "),
        (false, more) => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn common_names_of_several_languages_are_recognised() {
        for (names, text, label) in [
            (&["id", "Satz", "Klasse"][..], 1, 2),
            (&["Label", "Sentence"], 1, 0),
            (&["Catégorie", "Texte"], 1, 0),
            (&["categoría", "comentario"], 1, 0),
            (&["review_id", "review_text", "sentiment"], 1, 2),
        ] {
            let found = assign(&header(names), &ColumnNames::default(), "x.csv").expect("found");
            assert_eq!(found.of(Part::Text), Some(text), "{names:?}");
            assert_eq!(found.of(Part::Label), Some(label), "{names:?}");
        }
    }

    #[test]
    fn a_named_column_is_not_taken_for_another_part() {
        let names = ColumnNames {
            group: Some("review".to_owned()),
            ..ColumnNames::default()
        };
        let found = assign(&header(&["review", "comment", "label"]), &names, "x.csv");
        let found = found.expect("found");
        assert_eq!(found.of(Part::Text), Some(1));
        assert_eq!(found.of(Part::Group), Some(0));
    }

    #[test]
    fn pairs_are_recognised() {
        let columns = header(&["premise", "hypothesis", "label"]);
        let found = assign(&columns, &ColumnNames::default(), "x.csv").expect("found");
        assert_eq!(
            (found.of(Part::Text), found.of(Part::TextB)),
            (Some(0), Some(1))
        );
    }

    #[test]
    fn of_columns_with_one_name_the_exact_one_is_read_and_the_others_are_told() {
        let names = ColumnNames {
            label: Some("Label".to_owned()),
            ..ColumnNames::default()
        };
        for (columns, with, text, label, told) in [
            (
                &["Text", "Label", "text", "label"][..],
                ColumnNames::default(),
                2,
                3,
                2,
            ),
            (
                &["text", "label", "x", "label"],
                ColumnNames::default(),
                0,
                1,
                1,
            ),
            (&["text", "label", "Label"], names.clone(), 0, 2, 1),
            (&["text", " label ", "LABEL"], names.clone(), 0, 1, 1),
            (&["text", "label", "labels"], names, 0, 1, 0),
            (
                &["text", "label", "la\u{200b}bel"],
                ColumnNames::default(),
                0,
                1,
                1,
            ),
            (
                &["te\u{200b}xt", "label\u{a0}"],
                ColumnNames::default(),
                0,
                1,
                0,
            ),
        ] {
            let found = assign(&header(columns), &with, "x.csv").expect("found");
            let positions = (found.of(Part::Text), found.of(Part::Label));
            assert_eq!(positions, (Some(text), Some(label)), "{columns:?}");
            assert_eq!(found.rivals().len(), told, "{:?}", found.rivals());
        }
    }

    #[test]
    fn names_that_are_not_what_they_look_like_are_told() {
        for (columns, at, told) in [
            (&["text", "label", "rоle"][..], 2, "`role`"),
            (&["text", "label", "lаbel"], 2, "`label`"),
            (&["text", "label", "аuthоr"], 2, "`author`"),
            (&["text", "la\u{200b}bel"], 1, "la\\u200Bbel"),
            (&["te\u{ad}xt", "label"], 0, "te\\u00ADxt"),
            (&["review\u{a0}text", "label"], 0, "nobody sees"),
        ] {
            let found = assign(&header(columns), &ColumnNames::default(), "x.csv").expect("found");
            let odd = found.odd_names();
            assert_eq!(odd.len(), 1, "{columns:?}: {odd:?}");
            assert!(odd[0].contains(told), "{odd:?}");
            assert!(odd[0].contains(&format!("column {}", at + 1)), "{odd:?}");
        }
        let found = recognise(
            &header(&[
                "text",
                "label",
                "score",
                "größe",
                "метка",
                "Cate\u{301}gorie",
            ]),
            &ColumnNames::default(),
        );
        assert_eq!(found.odd_names(), [""; 0]);
        for columns in [["text", "lаbel"], ["tехt", "label"]] {
            let error = assign(&header(&columns), &ColumnNames::default(), "x.csv");
            let error = error.expect_err("not what it looks like").to_string();
            assert!(
                error.contains("looks like") && error.contains("U+04"),
                "{error}"
            );
        }
        // Whoever names it as it is written is told, too.
        let as_written = ColumnNames {
            label: Some("lаbel".to_owned()),
            ..ColumnNames::default()
        };
        let found = assign(&header(&["text", "lаbel"]), &as_written, "x.csv").expect("found");
        let odd = found.odd_names();
        assert!(
            odd[0].contains("read from column 2") && odd[0].contains("U+0430"),
            "{odd:?}"
        );
        let named = ColumnNames {
            role: Some("split".to_owned()),
            ..ColumnNames::default()
        };
        let found = recognise(&header(&["text", "label", "ѕplit"]), &named);
        assert!(
            found.odd_names()[0].contains("`split`"),
            "{:?}",
            found.odd_names()
        );
    }

    #[test]
    fn a_missing_column_is_named_with_those_that_are_there() {
        let names = ColumnNames {
            label: Some("stars".to_owned()),
            ..ColumnNames::default()
        };
        let error = assign(&header(&["text", "rating"]), &names, "x.csv").expect_err("missing");
        assert_eq!(
            error.to_string(),
            "`x.csv` has no column `stars` (label); its columns are `text`, `rating`"
        );
    }
}
