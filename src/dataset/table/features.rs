//! What Hugging Face `datasets` says about the columns of a file: the names
//! that the numbers of a `ClassLabel` stand for.
//!
//! Parquet and Arrow files carry it as JSON under the key `huggingface` of
//! their schema's metadata; `dataset_info.json` lies beside files of any
//! format.

use std::path::Path;

use serde_json::Value as Json;

use crate::support::user_file;

/// Names of a column's numbers, from 0.
pub(super) type Names = (String, Vec<String>);

/// From the value of the key `huggingface`.
pub(super) fn of_metadata(json: &str) -> Vec<Names> {
    let json: Json = serde_json::from_str(json).unwrap_or_default();
    of_features(&json["info"]["features"])
}

/// From `dataset_info.json` in the folder of a file.
///
/// # Errors
/// Says what is wrong with that file, if it is there.
pub(super) fn beside(file: &Path) -> Result<Vec<Names>, String> {
    let Some(folder) = file.parent() else {
        return Ok(Vec::new());
    };
    let text = user_file::text_if_there(&folder.join(INFO)).map_err(|error| error.to_string())?;
    let Some(text) = text else {
        return Ok(Vec::new());
    };
    let json = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    Ok(of_info(&json))
}

fn of_info(json: &Json) -> Vec<Names> {
    match &json["features"] {
        Json::Null => {
            // Older files have one such object for each configuration.
            let all = json.as_object().into_iter().flatten();
            let mut found: Vec<Vec<Names>> = all
                .map(|(_, info)| of_features(&info["features"]))
                .collect();
            found.dedup();
            match found.len() {
                1 => found.remove(0),
                _ => Vec::new(),
            }
        }
        features => of_features(features),
    }
}

/// Name of the file that describes a data set.
pub(super) const INFO: &str = "dataset_info.json";

fn of_features(features: &Json) -> Vec<Names> {
    let columns = features.as_object().into_iter().flatten();
    columns
        .filter_map(|(column, feature)| Some((column.clone(), class_names(feature)?)))
        .collect()
}

/// The names of a `ClassLabel`, also as the element of a list.
fn class_names(feature: &Json) -> Option<Vec<String>> {
    let inner = match feature {
        Json::Array(elements) => elements.first()?,
        feature => feature.get("feature").unwrap_or(feature),
    };
    let names = inner.get("names")?.as_array()?;
    let names: Option<Vec<String>> = names
        .iter()
        .map(|name| name.as_str().map(str::to_owned))
        .collect();
    names.filter(|names| !names.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_plain_nested_and_old_descriptions() {
        let label = r#"{"names": ["good", "bad"], "_type": "ClassLabel"}"#;
        let expected = vec![(
            "label".to_owned(),
            vec!["good".to_owned(), "bad".to_owned()],
        )];
        for feature in [
            label.to_owned(),
            format!("[{label}]"),
            format!(r#"{{"feature": {label}, "_type": "Sequence"}}"#),
        ] {
            let features = format!(r#"{{"text": {{"dtype": "string"}}, "label": {feature}}}"#);
            let metadata = format!(r#"{{"info": {{"features": {features}}}}}"#);
            assert_eq!(of_metadata(&metadata), expected, "{metadata}");
            let folder = tempfile::tempdir().expect("temporary folder");
            for info in [
                format!(r#"{{"features": {features}}}"#),
                format!(r#"{{"default": {{"features": {features}}}}}"#),
            ] {
                std::fs::write(folder.path().join(INFO), info).expect("writes");
                let beside = beside(&folder.path().join("train.csv"));
                assert_eq!(beside, Ok(expected.clone()));
            }
        }
        let folder = tempfile::tempdir().expect("temporary folder");
        std::fs::write(folder.path().join(INFO), "{\"features\": ").expect("writes");
        assert!(beside(&folder.path().join("train.csv")).is_err(), "damaged");
        assert!(of_metadata("{}").is_empty());
        assert!(of_metadata("no JSON").is_empty());
    }
}
