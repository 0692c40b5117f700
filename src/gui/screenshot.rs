//! A picture of the window, as a PNG or on the clipboard: asked for in one
//! frame, there in a later one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use eframe::egui::{ColorImage, Context};

use crate::support::{Error, Result, atomic_file};

/// Pictures of the window that were asked for.
pub struct Screenshots {
    sender: Sender<Taken>,
    receiver: Receiver<Taken>,
}

/// What became of a picture.
pub enum Taken {
    /// It was written to a file, or not.
    Written(PathBuf, Result<()>),
    /// It is to be copied.
    ToCopy(Arc<ColorImage>),
}

impl Default for Screenshots {
    fn default() -> Self {
        let (sender, receiver) = channel();
        Self { sender, receiver }
    }
}

impl Screenshots {
    /// Asks for a picture of the window, to be written to `path`.
    pub fn ask(&self, ctx: &Context, path: PathBuf) {
        self.request(ctx, move |image| {
            let written = write(&path, &image);
            Taken::Written(path, written)
        });
    }

    /// Asks for a picture of the window, to be copied.
    pub fn ask_for_copy(&self, ctx: &Context) {
        self.request(ctx, Taken::ToCopy);
    }

    fn request(&self, ctx: &Context, then: impl FnOnce(Arc<ColorImage>) -> Taken + Send + 'static) {
        let sender = self.sender.clone();
        let wake = ctx.clone();
        ctx.request_screenshot(move |image| {
            // Nobody waits any more if the window was closed meanwhile.
            if sender.send(then(image)).is_ok() {
                wake.request_repaint();
            }
        });
    }

    /// What became of pictures since the last call.
    pub fn taken(&self) -> Vec<Taken> {
        self.receiver.try_iter().collect()
    }
}

/// Writes a picture as PNG.
///
/// # Errors
/// When the file cannot be written.
pub fn write(path: &Path, image: &ColorImage) -> Result<()> {
    let [width, height] = image.size.map(|side| u32::try_from(side).unwrap_or(0));
    let pixels: Vec<u8> = image.pixels.iter().flat_map(|p| p.to_array()).collect();
    let failed = |e: png::EncodingError| Error::program("cannot make a PNG").because(e);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&pixels).map_err(failed)?;
    writer.finish().map_err(failed)?;
    atomic_file::write(path, |out| out.write_all(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::Color32;

    #[test]
    fn a_picture_is_written_whole() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("a.png");
        let image = ColorImage::filled([3, 2], Color32::RED);
        write(&path, &image).expect("writes");
        let file = std::fs::File::open(&path).expect("there");
        let decoder = png::Decoder::new(std::io::BufReader::new(file));
        let reader = decoder.read_info().expect("a PNG");
        assert_eq!((reader.info().width, reader.info().height), (3, 2));
    }
}
