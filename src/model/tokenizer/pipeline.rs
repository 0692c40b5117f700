//! A folder's tokenizer put together as one tokenizer.json, from whatever
//! files the folder has, as Python's transformers puts it together.

use std::path::Path;

use serde_json::{Map, Value};
use tokenizers::AddedToken;

use super::added::AddedTokens;
use super::class::{Class, ROLES};
use super::parts::{Parts, no_tokenizer};
use super::settings::{Settings, Treatment};
use super::unreadable;
use crate::model::files::{TOKENIZER, VOCABULARY};
use crate::support::{Error, Result, user_file};

/// A tokenizer as it is to be used.
pub(super) struct Pipeline {
    /// The text of its tokenizer.json.
    pub(super) json: Vec<u8>,
    /// Whether that is a file of the folder, unchanged.
    pub(super) as_written: bool,
    /// Texts of the special tokens by role.
    pub(super) roles: Map<String, Value>,
    /// Whether the model is told which of two texts a token belongs to; if
    /// nothing says so, what the post-processor gives holds.
    pub(super) tells_types: Option<bool>,
    /// Whether long texts lose their beginning.
    pub(super) cuts_left: bool,
    /// Whether special tokens written in a text are cut like other words.
    pub(super) splits_special: bool,
    /// The longest text in tokens, if the files say so.
    pub(super) longest: Option<usize>,
    /// Whether that is less than the model has positions for.
    pub(super) limits: bool,
    /// What the user should know.
    pub(super) notes: Vec<String>,
}

impl Pipeline {
    /// Puts a folder's tokenizer together.
    ///
    /// # Errors
    /// When there is no tokenizer, when a file is damaged, or when it is of a
    /// class that cannot be built without a tokenizer.json.
    pub(super) fn of(dir: &Path) -> Result<Self> {
        let settings = Settings::load(dir)?;
        let path = dir.join(TOKENIZER);
        if path.exists() {
            let text = user_file::bytes(&path)?;
            let file: Map<String, Value> =
                serde_json::from_slice(&text).map_err(|e| unreadable(&path, e.into()))?;
            return Self::of_file(&settings, &path, text, file);
        }
        let treatment = match settings.treatment() {
            // Nothing but BERT's tokenizer has this file.
            Treatment::AsWritten if dir.join(VOCABULARY).exists() => Treatment::By(Class::Bert),
            treatment => treatment,
        };
        match treatment {
            Treatment::By(class) => {
                let parts = Parts::read(dir, class)?;
                let path = parts.path.clone();
                rebuilt(class, &settings, &path, parts)
            }
            Treatment::AsWritten => Err(no_tokenizer(dir, &[TOKENIZER])),
            Treatment::Unknown(name) => Err(Error::input(format!(
                "the tokenizer of `{}` is a {name}, which cannot be built without tokenizer.json",
                dir.display()
            ))
            .hint(
                "if transformers has a fast version of it, save that with `save_pretrained`, \
                 which writes a tokenizer.json",
            )),
        }
    }

    fn of_file(
        settings: &Settings,
        path: &Path,
        text: Vec<u8>,
        file: Map<String, Value>,
    ) -> Result<Self> {
        let kind = file.get("model").and_then(|model| model.get("type"));
        let kind = kind.and_then(Value::as_str).map(str::to_owned);
        let treatment = settings.treatment();
        let fits = |class: Class| {
            kind.as_deref()
                .is_none_or(|kind| kind == class.model_type())
        };
        if let (Treatment::By(class), true) = (&treatment, settings.are_written())
            && fits(*class)
        {
            let whole = rebuilt(*class, settings, path, Parts::of_file(path, file))?;
            return Ok(match whole.as_written {
                true => Self {
                    json: text,
                    ..whole
                },
                false => whole,
            });
        }
        // Nothing overrides the file, or nothing can: it holds, and what
        // transformers would do otherwise is told.
        let class = match treatment {
            Treatment::By(class) if fits(class) => Some(class),
            _ => None,
        };
        let note = match treatment {
            Treatment::By(class) if !fits(class) && settings.are_written() => Some(format!(
                "the tokenizer's settings name a {}, but tokenizer.json holds another kind of \
                 tokenizer ({}): it is used as it is",
                class.name(),
                kind.unwrap_or_default()
            )),
            _ => class.and_then(|class| otherwise_lower_case(class, &file)),
        };
        let whole = as_written(class, settings, path, text, file)?;
        Ok(Self {
            notes: note.into_iter().collect(),
            ..whole
        })
    }
}

/// The tokenizer that a class makes of a vocabulary and of its settings.
fn rebuilt(class: Class, settings: &Settings, path: &Path, parts: Parts) -> Result<Pipeline> {
    let written = parts.file.clone();
    let mut file = parts.file;
    let roles = roles_of(Some(class), settings);
    let unknown = roles.iter().find(|(role, _)| *role == "unk");
    let unknown = unknown.map_or("", |(_, token)| &token.content);

    let model = file.get_mut("model").and_then(Value::as_object_mut);
    let model = model.ok_or_else(|| no_model(path))?;
    for (name, value) in fixed(class, unknown, settings, model, parts.unknown) {
        set(model, name, value);
    }
    let declared = settings.listed_tokens().unwrap_or_else(|| {
        let listed = AddedTokens::listed_in(&written).into_iter();
        listed.chain(settings.older_tokens()).collect()
    });
    let extras = settings.extras().or(parts.extras).unwrap_or_else(|| {
        let usual = class.usual_extras().iter();
        usual.map(|text| AddedToken::from(*text, true)).collect()
    });
    let mut added = AddedTokens::new(model, settings.embeddings());
    added.declare(declared, &roles);
    let processors = {
        let frame = class.frame();
        let token = |role| framing(role, &roles, &added, path);
        if class.model_type() == "WordPiece" {
            token("unk")?;
        }
        class.post_processors(settings, token(frame.start)?, token(frame.end)?)?
    };
    added.append(roles.iter().map(|(_, token)| token.clone()).chain(extras));
    let same_tokens = added.listed() == AddedTokens::listed_in(&written);
    let tokens = added.to_json();
    let roles = role_names(&roles, &added);

    let normalizer = class.normalizer(settings, &parts.characters)?;
    file.insert("normalizer".into(), normalizer);
    file.insert("pre_tokenizer".into(), class.pre_tokenizer(settings)?);
    if !same_tokens {
        file.insert("added_tokens".into(), tokens);
    }
    let processor = file.get("post_processor");
    if !processors.iter().any(|same| processor == Some(same)) {
        let [processor, _] = processors;
        file.insert("post_processor".into(), processor);
    }
    let as_written = file == written;
    file.entry("version").or_insert_with(|| "1.0".into());
    file.entry("decoder").or_insert_with(|| class.decoder());
    Ok(Pipeline {
        json: text_of(&file)?,
        as_written,
        roles,
        tells_types: Some(settings.tells_types().unwrap_or(class.tells_types())),
        ..plain(settings, &written)
    })
}

/// The special tokens by role, as the settings name them, else as the class
/// does.
fn roles_of(class: Option<Class>, settings: &Settings) -> Vec<(&'static str, AddedToken)> {
    let usual = |role: &str| {
        let class = class?;
        let token = AddedToken::from(class.usual_token(role)?, true);
        Some(token.lstrip(role == "mask" && class.mask_takes_space()))
    };
    let named = |role: &&'static str| Some((*role, settings.named(role).or_else(|| usual(role))?));
    ROLES.iter().filter_map(named).collect()
}

/// The text and number of a token that stands around texts.
fn framing<'a>(
    role: &'a str,
    roles: &'a [(&str, AddedToken)],
    added: &AddedTokens,
    path: &Path,
) -> Result<(&'a str, u32)> {
    let token = roles.iter().find(|(known, _)| *known == role);
    let text = token.map_or(role, |(_, token)| &token.content);
    let number = added.number(text).ok_or_else(|| {
        Error::input(format!("`{}` has no token `{text}`", path.display()))
            .hint("use the vocabulary that belongs to the model")
    })?;
    Ok((text, number))
}

/// Sets a field of a tokenizer.json's model, unless it says the same already.
fn set(model: &mut Map<String, Value>, name: &str, value: Value) {
    let blank = |value: &Value| value.is_null() || *value == false || *value == "";
    let same = match model.get(name) {
        Some(former) => *former == value || (blank(former) && blank(&value)),
        None => blank(&value),
    };
    if !same {
        model.insert(name.into(), value);
    }
}

/// A tokenizer.json as it is, with the tokens that the settings add.
fn as_written(
    class: Option<Class>,
    settings: &Settings,
    path: &Path,
    text: Vec<u8>,
    mut file: Map<String, Value>,
) -> Result<Pipeline> {
    let model = file.get("model").and_then(Value::as_object);
    let model = model.ok_or_else(|| no_model(path))?;
    let written = AddedTokens::listed_in(&file);
    let roles = roles_of(class, settings);
    let mut added = AddedTokens::new(model, settings.embeddings());
    added.declare(written.clone(), &[]);
    if settings.are_written() {
        added.declare(settings.listed_tokens().unwrap_or_default(), &roles);
        let extras = settings.extras().unwrap_or_default();
        added.append(roles.iter().map(|(_, token)| token.clone()).chain(extras));
    }
    let as_written = added.listed() == written;
    let names = role_names(&roles, &added);
    let whole = plain(settings, &file);
    let json = match as_written {
        true => text,
        false => {
            file.insert("added_tokens".into(), added.to_json());
            text_of(&file)?
        }
    };
    Ok(Pipeline {
        json,
        as_written,
        roles: names,
        tells_types: settings.tells_types(),
        ..whole
    })
}

/// What the settings say of every tokenizer.
fn plain(settings: &Settings, file: &Map<String, Value>) -> Pipeline {
    let truncation = file.get("truncation").and_then(|cut| cut.get("direction"));
    let left = truncation.is_some_and(|direction| direction == "Left");
    Pipeline {
        json: Vec::new(),
        as_written: false,
        roles: Map::new(),
        tells_types: None,
        cuts_left: settings.cuts_left().unwrap_or(left),
        splits_special: matches!(settings.flag("split_special_tokens"), Ok(Some(true))),
        longest: settings.longest(),
        limits: settings.longest() < settings.positions() && settings.longest().is_some(),
        notes: Vec::new(),
    }
}

/// What a class fixes in its model, whatever a file says.
fn fixed(
    class: Class,
    unknown: &str,
    settings: &Settings,
    model: &Map<String, Value>,
    number: Option<usize>,
) -> Vec<(&'static str, Value)> {
    match class.model_type() {
        "WordPiece" => vec![
            ("unk_token", unknown.into()),
            ("continuing_subword_prefix", "##".into()),
            ("max_input_chars_per_word", 100.into()),
        ],
        "BPE" => vec![
            ("dropout", Value::Null),
            ("unk_token", Value::Null),
            ("continuing_subword_prefix", "".into()),
            ("end_of_word_suffix", "".into()),
            ("fuse_unk", false.into()),
            ("byte_fallback", false.into()),
            ("ignore_merges", false.into()),
        ],
        _ => {
            let place = |is: &dyn Fn(&Value) -> bool| {
                let pieces = model.get("vocab").and_then(Value::as_array);
                pieces.and_then(|pieces| pieces.iter().position(is))
            };
            let number = match class {
                Class::XlmRoberta => 3,
                Class::Camembert => place(&|piece| piece[0] == unknown).unwrap_or(0),
                _ => place(&|piece| piece[0] == unknown && piece[1].as_f64() == Some(0.0))
                    .or(number)
                    .or(settings.unknown_number())
                    .unwrap_or(1),
            };
            vec![("unk_id", number.into()), ("byte_fallback", false.into())]
        }
    }
}

/// Says that transformers would read in lower case what the file does not.
fn otherwise_lower_case(class: Class, file: &Map<String, Value>) -> Option<String> {
    let cased = file.get("normalizer")?.get("lowercase")? == false;
    (cased && class.model_type() == "WordPiece").then(|| {
        "tokenizer.json keeps capital letters, and so does this program; transformers reads in \
         lower case when no tokenizer_config.json says `\"do_lower_case\": false`"
            .to_owned()
    })
}

fn role_names(roles: &[(&str, AddedToken)], added: &AddedTokens) -> Map<String, Value> {
    roles
        .iter()
        .filter(|(_, token)| added.number(&token.content).is_some())
        .map(|(role, token)| (format!("{role}_token"), token.content.clone().into()))
        .collect()
}

fn text_of(file: &Map<String, Value>) -> Result<Vec<u8>> {
    serde_json::to_vec(file)
        .map_err(|e| Error::program("cannot write the tokenizer as JSON").because(e))
}

fn no_model(path: &Path) -> Error {
    Error::input(format!("`{}` has no `model`", path.display()))
        .hint("copy the file again from where the model came from")
}
