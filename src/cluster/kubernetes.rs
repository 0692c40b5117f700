//! An indexed Job of Kubernetes, printed for the user to look through and to
//! apply.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::Array;
use super::record::RERUNS;

/// The manifest of an indexed Job that runs the tasks of an array: YAML, with
/// comments on what has to be filled in. `shared` are the folders that the
/// tasks read and write; they are mounted at the paths that they have here.
pub fn job(array: &Array, shared: &[PathBuf]) -> String {
    let command = array.shell("blindspot", "$((JOB_COMPLETION_INDEX + 1))");
    let script = text(&format!("exec {command}"));
    let mounts: String = shared.iter().map(|folder| mount(folder)).collect();
    let (name, tasks, title) = (array.name(), array.tasks, &array.title);
    let collect = &array.collect;
    let at_once = array.at_once.unwrap_or(tasks).min(tasks);
    format!(
        "\
# {title}, in {tasks} tasks. Fill in:
# - image: packaging/Containerfile makes one;
# - claimName: a volume that many pods can write to (ReadWriteMany), which holds the folders
#   below under their subPath;
# - the resources of a task.
# When all tasks are done, the same command with `{collect}` instead of `--print-kubernetes`
# gives the result.
apiVersion: batch/v1
kind: Job
metadata:
  name: {name}
spec:
  completionMode: Indexed
  completions: {tasks}
  parallelism: {at_once}
  backoffLimitPerIndex: {RERUNS}
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: task
          image: blindspot
          command: [\"/bin/sh\", \"-c\", {script}]
          resources:
            requests: {{ cpu: \"4\", memory: 8Gi }}
          volumeMounts:
{mounts}\
\x20     volumes:
        - name: shared
          persistentVolumeClaim: {{ claimName: blindspot }}
"
    )
}

fn mount(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let (path, name) = (text(&folder.display().to_string()), text(&name));
    format!("            - {{ name: shared, mountPath: {path}, subPath: {name} }}\n")
}

/// A text for YAML, of which that of JSON is a part.
fn text(text: &str) -> String {
    json!(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_has_an_index_for_each_task_and_the_folders_at_their_paths() {
        let array = Array {
            fingerprint: "0123456789abcdef".into(),
            title: "3 arms × 4 seeds".into(),
            arguments: vec!["experiment".into(), "/data/my \"own\" project".into()],
            part: "--task",
            collect: "--collect".into(),
            tasks: 12,
            at_once: Some(5),
            options: String::new(),
            folder: PathBuf::new(),
        };
        let job = job(&array, &[PathBuf::from("/data/my \"own\" project")]);
        for line in [
            "  name: blindspot-0123456789ab-12",
            "  completions: 12",
            "  parallelism: 5",
            r#"          command: ["/bin/sh", "-c", "exec blindspot experiment '/data/my \"own\" project' --task \"$((JOB_COMPLETION_INDEX + 1))/12\""]"#,
            r#"            - { name: shared, mountPath: "/data/my \"own\" project", subPath: "my \"own\" project" }"#,
            "      volumes:",
        ] {
            assert!(job.lines().any(|found| found == line), "{line} in\n{job}");
        }
    }
}
