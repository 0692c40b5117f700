//! Tells folders on other machines from local ones: SQLite's write-ahead log
//! needs memory shared between processes, which they do not offer.

use std::path::{Path, PathBuf};

const NETWORK_TYPES: [&str; 24] = [
    "9p",
    "afs",
    "beegfs",
    "beegfs_nodev",
    "ceph",
    "cifs",
    "davfs",
    "fuse.davfs2",
    "fuse.glusterfs",
    "fuse.rclone",
    "fuse.s3fs",
    "fuse.sshfs",
    "gpfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "orangefs",
    "panfs",
    "pvfs2",
    "smb3",
    "smbfs",
    "virtiofs",
    "wekafs",
];

/// The type of the network file system that a folder lies on, if it does.
/// Knows Linux only; elsewhere every folder counts as local.
pub fn network_type(folder: &Path) -> Option<String> {
    let mounts = std::fs::read_to_string("/proc/mounts").ok()?;
    let folder = folder.canonicalize().ok()?;
    network_type_among(&mounts, &folder)
}

/// The same, for a table in the format of `/proc/mounts`. The longest mount
/// point that holds the folder counts; of equal ones the last, which hides
/// those before it.
fn network_type_among(mounts: &str, folder: &Path) -> Option<String> {
    let mut nearest: Option<(usize, &str)> = None;
    for line in mounts.lines() {
        let mut fields = line.split(' ');
        let (Some(point), Some(kind)) = (fields.nth(1), fields.next()) else {
            continue;
        };
        let point = PathBuf::from(unescape(point));
        let depth = point.components().count();
        if folder.starts_with(&point) && nearest.is_none_or(|(best, _)| depth >= best) {
            nearest = Some((depth, kind));
        }
    }
    let (_, kind) = nearest?;
    NETWORK_TYPES.contains(&kind).then(|| kind.to_owned())
}

/// Undoes the octal escapes of spaces, tabs, line ends and backslashes.
fn unescape(point: &str) -> String {
    let escapes = [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ];
    escapes
        .iter()
        .fold(point.to_owned(), |point, (code, text)| {
            point.replace(code, text)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
/dev/sda1 / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sdb1 /home/local ext4 rw 0 0
//nas/team /mnt/team\\040share cifs rw 0 0
";

    #[test]
    fn the_nearest_mount_point_decides() {
        let kind = |folder: &str| network_type_among(MOUNTS, Path::new(folder));
        assert_eq!(kind("/var/projects"), None);
        assert_eq!(kind("/home/me/project").as_deref(), Some("nfs4"));
        assert_eq!(kind("/home/local/project"), None);
        assert_eq!(kind("/homes/project"), None);
        assert_eq!(kind("/mnt/team share/x").as_deref(), Some("cifs"));
    }
}
