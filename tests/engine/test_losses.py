"""Losses against numbers worked out by hand."""

import numpy as np
import pytest
import tensorflow as tf

from nst.engine.losses import content_loss, gram_matrix, style_loss, temporal_loss, total_variation_loss

#: Four positions, two channels: (1, 2), (3, 4), (5, 6), (7, 8).
FEATURES = tf.reshape(tf.range(1.0, 9.0), (1, 2, 2, 2))


def test_gram_matrix_is_the_mean_product_of_channels() -> None:
    # (1*1 + 3*3 + 5*5 + 7*7) / 4 = 21, (1*2 + 3*4 + 5*6 + 7*8) / 4 = 25, (2*2 + 4*4 + 6*6 + 8*8) / 4 = 30
    np.testing.assert_allclose(gram_matrix(FEATURES), [[21, 25], [25, 30]])


def test_gram_matrix_does_not_depend_on_where_things_are() -> None:
    np.testing.assert_allclose(gram_matrix(FEATURES), gram_matrix(FEATURES[:, ::-1, ::-1]))


def test_gram_matrix_does_not_change_scale_with_the_picture() -> None:
    np.testing.assert_allclose(gram_matrix(FEATURES), gram_matrix(tf.tile(FEATURES, (1, 3, 5, 1))), rtol=1e-6)


def test_gram_matrix_accumulates_bfloat16_features_in_float32() -> None:
    # A sum of ones kept in bfloat16 stops growing at 256.
    gram = gram_matrix(tf.ones((1, 40, 40, 2), tf.bfloat16))
    assert gram.dtype == tf.float32
    np.testing.assert_array_equal(gram, np.ones((2, 2)))


def test_gram_matrix_gradient_takes_both_factors_of_every_product() -> None:
    upstream = tf.constant([[1.0, 2.0], [0.0, 0.0]])
    with tf.GradientTape() as tape:
        tape.watch(FEATURES)
        value = tf.reduce_sum(upstream * gram_matrix(FEATURES))
    # d/dF of (sum f1^2 + 2 sum f1 f2) / 4 is (2 f1 + 2 f2, 2 f1) / 4.
    expected = [[[1.5, 0.5], [3.5, 1.5]], [[5.5, 2.5], [7.5, 3.5]]]
    np.testing.assert_allclose(tape.gradient(value, FEATURES)[0], expected)


def test_content_loss_is_a_quarter_of_the_mean_square() -> None:
    # (1 + 4 + 9 + 16 + 25 + 36 + 49 + 64) / 8 / 4
    assert content_loss(FEATURES, tf.zeros_like(FEATURES)).numpy() == pytest.approx(6.375)


def test_style_loss_is_a_quarter_of_the_mean_square() -> None:
    # Differences 1, 0, 0 and 2: (1 + 4) / 4 / 4
    loss = style_loss(tf.constant([[21.0, 25.0], [25.0, 30.0]]), tf.constant([[20.0, 25.0], [25.0, 28.0]]))
    assert loss.numpy() == pytest.approx(0.3125)


def test_losses_are_zero_at_their_targets() -> None:
    gram = gram_matrix(FEATURES)
    assert content_loss(FEATURES, FEATURES).numpy() == 0
    assert style_loss(gram, gram).numpy() == 0


def test_content_counts_by_its_weight_at_each_position() -> None:
    features = tf.constant([[[[1.0], [2.0]]]])
    weights = tf.constant([[[[1.0], [3.0]]]])
    assert content_loss(features, tf.zeros_like(features), weights).numpy() == (1 * 1 + 3 * 4) / 2 / 4


def test_total_variation_of_a_checkerboard_is_two() -> None:
    board = 255.0 * (np.indices((4, 6)).sum(axis=0) % 2)
    pixels = tf.constant(np.repeat(board[None, :, :, None], 3, axis=3), tf.float32)
    assert total_variation_loss(pixels).numpy() == pytest.approx(2.0)


def test_total_variation_of_a_ramp_counts_its_direction_alone() -> None:
    # Steps of 51 grey levels, a fifth of the range, across and none down: 0.2^2
    ramp = np.broadcast_to(51.0 * np.arange(4)[None, None, :, None], (1, 3, 4, 3))
    assert total_variation_loss(tf.constant(ramp, tf.float32)).numpy() == pytest.approx(0.04)


def test_total_variation_of_a_flat_picture_is_zero() -> None:
    assert total_variation_loss(tf.fill((1, 5, 4, 3), 200.0)).numpy() == 0


#: Two pixels: black, and grey level 102, two fifths of the range.
FRAME = tf.constant([[[[0.0] * 3, [102.0] * 3]]])
#: What they are held to: white at the first, 51 in one channel of the second.
HELD_TO = tf.constant([[[[255.0] * 3, [51.0, 102.0, 102.0]]]])


def test_temporal_loss_is_the_weighted_mean_square_on_the_scale_0_to_1() -> None:
    # (3 * 0.25 * 1^2 + 0.5 * 0.2^2) / 6 values
    weights = tf.constant([[[[0.25], [0.5]]]])
    assert temporal_loss(FRAME, HELD_TO, weights).numpy() == pytest.approx(0.77 / 6)


def test_temporal_loss_pulls_each_pixel_by_its_weight_and_where_there_is_none_not_at_all() -> None:
    with tf.GradientTape() as tape:
        tape.watch(FRAME)
        value = temporal_loss(FRAME, HELD_TO, tf.constant([[[[0.0], [0.5]]]]))
    # d/dx of 0.5 ((102 - 51) / 255)^2 / 6 is 2 * 0.5 * 0.2 / 255 / 6.
    expected = np.array([[0, 0, 0], [0.2 / 255 / 6, 0, 0]])
    np.testing.assert_allclose(tape.gradient(value, FRAME)[0, 0], expected, atol=1e-9)


def test_temporal_loss_of_two_parts_adds_up_to_that_of_the_whole() -> None:
    weights, whole = tf.constant([[[[1.0], [0.5]]]]), tf.constant([1, 2])
    parts = [
        temporal_loss(FRAME[:, :, at : at + 1], HELD_TO[:, :, at : at + 1], weights[:, :, at : at + 1], whole)
        for at in (0, 1)
    ]
    assert sum(map(float, parts)) == pytest.approx(float(temporal_loss(FRAME, HELD_TO, weights)))


def test_a_picture_by_itself_has_no_temporal_loss_and_no_gradient_of_it() -> None:
    with tf.GradientTape() as tape:
        tape.watch(FRAME)
        value = temporal_loss(FRAME, tf.zeros((1, 0, 0, 3)), tf.zeros((1, 0, 0, 1)))
    assert float(value) == 0
    np.testing.assert_array_equal(tape.gradient(value, FRAME), tf.zeros_like(FRAME))
