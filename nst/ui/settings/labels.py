"""What the controls are called on the page, and what each does to the picture."""

from nst.ui.language import SOURCE, deferred, language, text
from nst.ui.settings import state

LABELS = {
    "size": deferred("Size (px)"),
    "photo_kept": deferred("How much of the photo stays"),
    "subject_weight": deferred("Hold on the subject"),
    "crop": deferred("Cut to width : height"),
    "style_weight": deferred("Style weight (β)"),
    "content_weight": deferred("Content weight (α)"),
    "tv_weight": deferred("Smoothing (γ)"),
    "temporal_weight": deferred("Hold on the frames before (δ)"),
    "style_scale": deferred("Brush size"),
    "method": deferred("How the painting is used"),
    "content_layers": deferred("Content layers"),
    "style_layers": deferred("Style layers"),
    "init": deferred("Start from"),
    "optimizer": deferred("Optimiser"),
    "coarse_to_fine": deferred("Coarse to fine"),
    "upscale": deferred("Allow upscaling"),
    "colour": deferred("Colours"),
    "colour_strength": deferred("How far the photo's colours are kept"),
    "guidance": deferred("Edges of regions"),
}

_EFFECTS = {
    "size": deferred("Long side of the result. Twice the size takes about four times as long."),
    "crop": deferred("Above 0, the photo is cut around its middle: 1.5 is the format of a 15x10 cm print, 1 a square."),
    "steps": deferred("Evaluations of J at the final size. More of them polish fine strokes, the later the less."),
    "content_weight": deferred("α: how firmly the photo's forms are held. Only its ratio to β matters, except to γ."),
    "photo_kept": deferred("β is found to it for this photo and painting, in a few short runs before the first step."),
    "subject_weight": deferred("How many times as firmly the photo is held in its subject as around it."),
    "style_weight": deferred(
        "β: how strongly the painting's colours and strokes are imposed. Set it to choose it yourself, in "
        "place of how much of the photo stays."
    ),
    "method": deferred(
        "Statistics carry the painting's patterns across everything. Neighbours give each place the look of the "
        "most similar place of the painting: clean, with large forms only where the photo has some. Both: statistics "
        "first, and in the last quarter of the steps neighbours, which paint cleaner strokes."
    ),
    "style_statistics": deferred(
        "Means and covariances give clearer colours than Gram matrices and keep more of the photo's "
        "forms. They want less weight on deep layers: else they paint pieces of the painting's objects. Gram matrices "
        "with means and deviations stand between the two."
    ),
    "tv_weight": deferred("γ, total variation: removes single-pixel speckle. Above 10 it flattens the brushwork."),
    "temporal_weight": deferred("δ: how firmly a film's frame keeps to those before it."),
    "style_scale": deferred("Size of the painting's strokes in the picture: below 1 finer, above 1 broader."),
    "content_layers": deferred(
        "What is kept of the photo: shallow layers hold every detail, deep ones only the layout."
    ),
    "style_layers": deferred(
        "What is taken from the painting: shallow layers give colour and grain, deep ones large forms."
    ),
    "pooling": deferred("Average gives smoother, more even strokes; max harder edges."),
    "init": deferred(
        "The photo keeps its forms from the first step; noise lets the painting decide more, and takes longer."
    ),
    "noise_ratio": deferred("How much of the start is noise: more of it loosens the photo's small forms."),
    "seed": deferred(
        "Another number, another noise: the same forms in other strokes. Unused when started from the photo."
    ),
    "optimizer": deferred("L-BFGS gets further in the same time; Adam needs less memory."),
    "learning_rate": deferred("Adam's step in grey levels: larger changes the picture faster and leaves it rougher."),
    "coarse_to_fine": deferred("Paints small sizes first: large, coherent strokes. Without it the strokes stay small."),
    "upscale": deferred("Lets the result be larger than the photo; no detail is gained by it."),
    "colour": deferred(
        "The painting's colours come with its strokes. Or keep the photo's: only brightness is painted, or the "
        "painting is recoloured like the photo first."
    ),
    "colour_strength": deferred("1 changes the colours wholly, 0 not at all."),
    "guidance": deferred(
        "Deep layers see far over a region's edge, so styles blend there. Strictly inside, only what sees "
        "nothing of the neighbour counts: cleaner, with weaker large forms in small regions."
    ),
}

#: Values of the fields that are a choice, in the order in which they are offered.
CHOICES = {
    "method": {
        "combined": deferred("Statistics, then neighbours"),
        "statistics": deferred("Its statistics"),
        "neighbours": deferred("Nearest neighbours"),
    },
    "style_statistics": {
        "wasserstein": deferred("Means and covariances"),
        "moments": deferred("Gram matrices, means and deviations"),
        "gram": deferred("Gram matrices, as in the paper"),
    },
    "pooling": {"average": deferred("Average"), "max": deferred("Max")},
    "init": {"content": deferred("The photo"), "noise": deferred("Noise"), "blend": deferred("A blend of both")},
    "colour": {
        "none": deferred("The painting's"),
        "luminance": deferred("The photo's: paint brightness only"),
        "monge-kantorovich": deferred("The photo's: recolour the painting"),
        "cholesky": deferred("The photo's: recolour (Cholesky)"),
        "pca": deferred("The photo's: recolour (PCA)"),
        "histogram": deferred("The photo's: recolour (histogram)"),
        "painting": deferred("The painting's: match them at last"),
    },
    "guidance": {"simple": deferred("Blend a little"), "inside": deferred("Keep styles strictly inside")},
    "optimizer": {"lbfgs": deferred("Projected L-BFGS"), "adam": deferred("Clamped Adam")},
}


def label(name: str) -> str:
    """Return what a field is called on the page."""
    return text(LABELS.get(name) or name.replace("_", " ").capitalize())


def label_within(name: str) -> str:
    """Return what a field is called in the middle of a sentence, where English has small letters."""
    return label(name).lower() if language() == SOURCE else label(name)


def effect(name: str) -> str:
    """Return one line on what a field does to the picture."""
    return text(_EFFECTS.get(name) or state.explain(name))
