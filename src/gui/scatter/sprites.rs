//! The shapes of dots and marks, drawn once into a small texture at exactly
//! the size they have on the screen. A dot is then one textured square, on
//! any renderer.

use eframe::egui::{
    Color32, ColorImage, Context, Mesh, Pos2, Rect, TextureHandle, TextureOptions, Vec2, pos2, vec2,
};

use crate::drawing::Mark;

/// A shape in the texture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sprite {
    /// A small filled disc.
    Dot,
    /// A larger filled disc.
    Core,
    /// A circle at some distance round a core.
    Ring,
    /// A core with a hole.
    Hollow,
    /// A core of which only the lower half is filled.
    Half,
    /// A filled diamond.
    Diamond,
    /// The outline of a larger diamond.
    DiamondRing,
}

const ALL: [Sprite; 7] = [
    Sprite::Dot,
    Sprite::Core,
    Sprite::Ring,
    Sprite::Hollow,
    Sprite::Half,
    Sprite::Diamond,
    Sprite::DiamondRing,
];

/// What a part of a mark is coloured with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Paint {
    /// The colour of the point.
    Own,
    /// The colour of text, to stand out against any colour.
    Ink,
}

impl Mark {
    /// The parts of a mark, from bottom to top.
    fn parts(self) -> &'static [(Sprite, Paint)] {
        match self {
            Mark::Plain => &[(Sprite::Dot, Paint::Own)],
            Mark::UnknownUnknown | Mark::Remaining => {
                &[(Sprite::Ring, Paint::Ink), (Sprite::Core, Paint::Own)]
            }
            Mark::Corrected => &[(Sprite::Hollow, Paint::Own)],
            Mark::Quieted => &[(Sprite::Half, Paint::Own)],
            Mark::New => &[
                (Sprite::DiamondRing, Paint::Ink),
                (Sprite::Diamond, Paint::Own),
            ],
        }
    }
}

/// The sizes that a texture is made for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sizes {
    /// Radius of a dot, in points.
    pub(super) dot: f32,
    /// Physical pixels for one point.
    pub(super) pixels_per_point: f32,
}

impl Sizes {
    fn core(self) -> f32 {
        self.dot + 1.25
    }

    /// Radius of the largest mark, in points.
    pub(super) fn reach(self) -> f32 {
        self.core() + 4.0
    }

    /// Signed distance from the edge of a sprite, negative inside, in points.
    fn distance(self, sprite: Sprite, at: Vec2) -> f32 {
        const LINE: f32 = 1.5;
        let core = self.core();
        let disc = |radius: f32| at.length() - radius;
        let line = |edge: f32| edge.abs() - LINE / 2.0;
        let diamond =
            |radius: f32| (at.x.abs() + at.y.abs() - radius) * std::f32::consts::FRAC_1_SQRT_2;
        match sprite {
            Sprite::Dot => disc(self.dot),
            Sprite::Core => disc(core),
            Sprite::Ring => line(disc(core + 2.0)),
            Sprite::Hollow => line(disc(core + 1.0)),
            Sprite::Half => line(disc(core + 1.0)).min(disc(core + 1.0).max(-at.y)),
            Sprite::Diamond => diamond(core + 1.0),
            Sprite::DiamondRing => line(diamond(core + 4.0 - LINE / 2.0)),
        }
    }

    /// Half the side of the square that a sprite is drawn in, in points; a
    /// pixel of room keeps soft edges whole.
    fn half_side(self, sprite: Sprite) -> f32 {
        let radius = match sprite {
            Sprite::Dot => self.dot,
            Sprite::Core => self.core(),
            _ => self.reach(),
        };
        radius + 1.0 / self.pixels_per_point
    }
}

/// The texture with every sprite side by side.
#[derive(Clone)]
pub(super) struct Sprites {
    pub(super) sizes: Sizes,
    pub(super) texture: TextureHandle,
    /// Pixels along the side of one sprite's cell.
    cell: usize,
}

impl Sprites {
    /// The sprites of these sizes: those that are there, or new ones.
    pub(super) fn of(known: Option<Self>, ctx: &Context, sizes: Sizes) -> Self {
        known
            .filter(|sprites| sprites.sizes == sizes)
            .unwrap_or_else(|| Self::new(ctx, sizes))
    }

    fn new(ctx: &Context, sizes: Sizes) -> Self {
        let cell = 2 * (sizes.reach() * sizes.pixels_per_point).ceil() as usize + 4;
        let mut image = ColorImage::filled([cell * ALL.len(), cell], Color32::TRANSPARENT);
        for (index, &sprite) in ALL.iter().enumerate() {
            for y in 0..cell {
                for x in 0..cell {
                    let at = (vec2(x as f32, y as f32) + Vec2::splat(0.5 - cell as f32 / 2.0))
                        / sizes.pixels_per_point;
                    let inside = sizes.distance(sprite, at) * sizes.pixels_per_point;
                    let coverage = (0.5 - inside).clamp(0.0, 1.0);
                    image[(index * cell + x, y)] = Color32::WHITE.gamma_multiply(coverage);
                }
            }
        }
        Self {
            sizes,
            texture: ctx.load_texture("map marks", image, TextureOptions::LINEAR),
            cell,
        }
    }

    /// Appends a mark to a mesh: each part is one square.
    pub(super) fn draw(&self, mesh: &mut Mesh, at: Pos2, mark: Mark, [own, ink]: [Color32; 2]) {
        for &(sprite, paint) in mark.parts() {
            let half_side = self.sizes.half_side(sprite);
            let square = Rect::from_center_size(at, Vec2::splat(2.0 * half_side));
            let colour = match paint {
                Paint::Own => own,
                Paint::Ink => ink,
            };
            mesh.add_rect_with_uv(square, self.place(sprite, half_side), colour);
        }
    }

    /// Where a sprite lies in the texture.
    fn place(&self, sprite: Sprite, half_side: f32) -> Rect {
        let middle = (sprite as usize as f32 + 0.5) * self.cell as f32;
        let half_pixels = half_side * self.sizes.pixels_per_point;
        let width = (self.cell * ALL.len()) as f32;
        let height = self.cell as f32;
        let uv = |x: f32, y: f32| -> Pos2 { pos2((middle + x) / width, 0.5 + y / height) };
        Rect::from_min_max(uv(-half_pixels, -half_pixels), uv(half_pixels, half_pixels))
    }
}
