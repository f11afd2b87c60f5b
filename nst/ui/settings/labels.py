"""What the controls are called on the page, and what each does to the picture."""

from nst.ui.settings import state

LABELS = {
    "size": "Size (px)",
    "photo_kept": "How much of the photo stays",
    "subject_weight": "Hold on the subject",
    "crop": "Cut to width : height",
    "style_weight": "Style weight (β)",
    "content_weight": "Content weight (α)",
    "tv_weight": "Smoothing (γ)",
    "temporal_weight": "Hold on the frames before (δ)",
    "style_scale": "Brush size",
    "method": "How the painting is used",
    "content_layers": "Content layers",
    "style_layers": "Style layers",
    "init": "Start from",
    "optimizer": "Optimiser",
    "coarse_to_fine": "Coarse to fine",
    "upscale": "Allow upscaling",
    "colour": "Colours",
    "colour_strength": "How far the photo's colours are kept",
    "guidance": "Edges of regions",
}

_EFFECTS = {
    "size": "Long side of the result. Twice the size takes about four times as long.",
    "crop": "Above 0, the photo is cut around its middle: 1.5 is the format of a 15x10 cm print, 1 a square.",
    "steps": "Evaluations of J at the final size. More of them polish fine strokes; after 75 little changes.",
    "content_weight": "α: how firmly the photo's forms are held. Only its ratio to β matters, except to γ.",
    "photo_kept": "β is found to it for this photo and painting, in a few short runs before the first step.",
    "subject_weight": "How many times as firmly the photo is held in its subject as around it.",
    "style_weight": "β: how strongly the painting's colours and strokes are imposed. Set it to choose it yourself, in "
    "place of how much of the photo stays.",
    "method": "Statistics carry the painting's patterns across everything. Neighbours give each place the look of the "
    "most similar place of the painting; this is on trial, and wants β to be set to about 300.",
    "style_statistics": "Means and covariances give clearer colours than Gram matrices and keep more of the photo's "
    "forms. They want less weight on deep layers: else they paint pieces of the painting's objects.",
    "tv_weight": "γ, total variation: removes single-pixel speckle. Above 10 it flattens the brushwork.",
    "temporal_weight": "δ: how firmly a film's frame keeps to those before it.",
    "style_scale": "Size of the painting's strokes in the picture: below 1 finer, above 1 broader.",
    "content_layers": "What is kept of the photo: shallow layers hold every detail, deep ones only the layout.",
    "style_layers": "What is taken from the painting: shallow layers give colour and grain, deep ones large forms.",
    "pooling": "Average gives smoother, more even strokes; max harder edges.",
    "init": "The photo keeps its forms from the first step; noise lets the painting decide more, and takes longer.",
    "noise_ratio": "How much of the start is noise: more of it loosens the photo's small forms.",
    "seed": "Another number, another noise: the same forms in other strokes. Unused when started from the photo.",
    "optimizer": "L-BFGS gets further in the same time; Adam needs less memory.",
    "learning_rate": "Adam's step in grey levels: larger changes the picture faster and leaves it rougher.",
    "coarse_to_fine": "Paints small sizes first: large, coherent strokes. Without it the strokes stay small.",
    "upscale": "Lets the result be larger than the photo; no detail is gained by it.",
    "colour": "The painting's colours come with its strokes. Or keep the photo's: only brightness is painted, or the "
    "painting is recoloured like the photo first.",
    "colour_strength": "1 keeps the photo's colours wholly, 0 takes the painting's.",
    "guidance": "Deep layers see far over a region's edge, so styles blend there. Strictly inside, only what sees "
    "nothing of the neighbour counts: cleaner, with weaker large forms in small regions.",
}

#: Values of the fields that are a choice, in the order in which they are offered.
CHOICES = {
    "method": {"statistics": "Its statistics", "neighbours": "Nearest neighbours"},
    "style_statistics": {"wasserstein": "Means and covariances", "gram": "Gram matrices, as in the paper"},
    "pooling": {"average": "Average", "max": "Max"},
    "init": {"content": "The photo", "noise": "Noise", "blend": "A blend of both"},
    "colour": {
        "none": "The painting's",
        "luminance": "The photo's: paint brightness only",
        "monge-kantorovich": "The photo's: recolour the painting",
        "cholesky": "The photo's: recolour (Cholesky)",
        "pca": "The photo's: recolour (PCA)",
        "histogram": "The photo's: recolour (histogram)",
    },
    "guidance": {"simple": "Blend a little", "inside": "Keep styles strictly inside"},
    "optimizer": {"lbfgs": "Projected L-BFGS", "adam": "Clamped Adam"},
}


def label(name: str) -> str:
    """Return what a field is called on the page."""
    return LABELS.get(name) or name.replace("_", " ").capitalize()


def effect(name: str) -> str:
    """Return one line on what a field does to the picture."""
    return _EFFECTS.get(name) or state.explain(name)
