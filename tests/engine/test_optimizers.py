"""One list of solvers against one list of problems, with SciPy's L-BFGS-B and plain NumPy as the judges."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
import tensorflow as tf
from scipy.optimize import minimize

from nst.engine.optimizers.adam import Adam
from nst.engine.optimizers.best import BestSoFar, Objective, Search
from nst.engine.optimizers.lbfgs import Lbfgs

Function = Callable[[tf.Tensor], tf.Tensor]
Solver = Lbfgs | Adam


class Problem(NamedTuple):
    """A function of a float64 vector, where to start, and a box; `easy` ones are for Adam too."""

    name: str
    function: Function
    start: Sequence[float]
    lower: float
    upper: float
    easy: bool = True


def rosenbrock(x: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def beale(x: tf.Tensor) -> tf.Tensor:
    return tf.add_n(
        [(target - x[0] + x[0] * x[1] ** power) ** 2 for power, target in ((1, 1.5), (2, 2.25), (3, 2.625))]
    )


def himmelblau(x: tf.Tensor) -> tf.Tensor:
    return (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2


def bowl(condition: float) -> Function:
    """A quadratic in ten variables, turned at random, with curvatures from 1 to `condition`."""
    rng = np.random.default_rng(0)
    rotation, _ = np.linalg.qr(rng.standard_normal((10, 10)))
    curvature = tf.constant(rotation * np.geomspace(1, condition, 10) @ rotation.T)
    centre = rng.uniform(-1, 1, 10)
    return lambda x: tf.tensordot(x - centre, tf.linalg.matvec(curvature, x - centre), 1) / 2


def least_squares() -> Function:
    rng = np.random.default_rng(1)
    matrix = rng.standard_normal((20, 8))
    data = matrix @ rng.uniform(-2, 2, 8) + 0.1 * rng.standard_normal(20)
    return lambda x: tf.reduce_sum((tf.linalg.matvec(tf.constant(matrix), x) - data) ** 2) / 2


#: The narrower box of each pair cuts off the free minimum.
PROBLEMS = {
    problem.name: problem
    for problem in (
        Problem("rosenbrock 2", rosenbrock, [-1.2, 1], -5, 5, easy=False),
        Problem("rosenbrock 2 bounded", rosenbrock, [-1.2, 0.5], -2, 0.8, easy=False),
        Problem("rosenbrock 5", rosenbrock, [-1.2, 1, -1.2, 1, -1.2], -5, 5, easy=False),
        Problem("rosenbrock 5 bounded", rosenbrock, [-0.5] * 5, -1, 0.9, easy=False),
        Problem("bowl 1e4", bowl(1e4), [0] * 10, -3, 3, easy=False),
        Problem("bowl 1e4 bounded", bowl(1e4), [0] * 10, -0.3, 0.3),
        Problem("beale", beale, [1, 1], -4.5, 4.5),
        Problem("beale bounded", beale, [1, 1], -2, 2),
        Problem("himmelblau", himmelblau, [0, 0], -5, 5),
        Problem("himmelblau bounded", himmelblau, [0, 0], 0, 2.5),
        Problem("least squares", least_squares(), [0] * 8, -5, 5),
        Problem("least squares bounded", least_squares(), [0] * 8, -1, 1),
        Problem("start outside the box", least_squares(), [9] * 8, -1, 1),
    )
}

#: The steps that suit problems of size 1, and how many of them.
SOLVERS: dict[str, tuple[Callable[..., Solver], int]] = {
    "lbfgs": (lambda **box: Lbfgs(first_step=0.1, largest_step=0.5, **box), 300),
    "adam": (lambda **box: Adam(learning_rate=0.1, **box), 400),
}

RUNS = [(solver, problem) for solver in SOLVERS for problem in PROBLEMS]


def objective(function: Function) -> Objective:
    def evaluate(x: tf.Tensor) -> tuple[tf.Tensor, Any, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = function(x)
        return value, (), tape.gradient(value, x)

    return evaluate


class Run(NamedTuple):
    """Every evaluated point with its value, the point that would have come next, and all states."""

    evaluated: np.ndarray
    values: np.ndarray
    after: np.ndarray
    states: Any


def snapshot(state: Any) -> Any:
    """Return what an optimiser's state holds now; the next step changes the state itself."""
    return tf.nest.map_structure(lambda each: each.numpy().copy(), state)


@cache
def run(solver_name: str, problem_name: str) -> Run:
    """Minimise inside one traced TensorFlow function, as the engine does."""
    make, steps = SOLVERS[solver_name]
    problem = PROBLEMS[problem_name]
    solver = BestSoFar(make(lower=problem.lower, upper=problem.upper))
    state = solver.init(tf.constant(problem.start, tf.float64), steps)
    traced = tf.function(lambda: solver.step(objective(problem.function), state))
    start, seen = snapshot(state), []
    for _ in range(steps):
        traced()
        seen.append(snapshot(state))
    states = tf.nest.map_structure(lambda *each: np.stack(each), *seen)
    points = np.concatenate([start.x[None], states.x])
    return Run(points[:-1], states.best.last_value, points[1:], states)


@cache
def scipys_minimum(problem_name: str) -> tuple[np.ndarray, float]:
    problem = PROBLEMS[problem_name]

    def value_and_gradient(x: np.ndarray) -> tuple[float, np.ndarray]:
        value, _, gradient = objective(problem.function)(tf.constant(x))
        return float(value), gradient.numpy()

    bounds = [(problem.lower, problem.upper)] * len(problem.start)
    start = np.clip(np.array(problem.start, float), problem.lower, problem.upper)
    options = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 1000}
    found = minimize(value_and_gradient, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return found.x, float(found.fun)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_lbfgs_finds_what_scipy_finds(problem: str) -> None:
    point, value = scipys_minimum(problem)
    best = run("lbfgs", problem).states.best
    assert best.value[-1] == pytest.approx(value, rel=1e-7, abs=1e-7)
    np.testing.assert_allclose(best.x[-1], point, atol=1e-4)


@pytest.mark.parametrize("problem", [name for name, problem in PROBLEMS.items() if problem.easy])
def test_adam_comes_near_what_scipy_finds(problem: str) -> None:
    point, value = scipys_minimum(problem)
    best = run("adam", problem).states.best
    assert best.value[-1] == pytest.approx(value, rel=1e-3, abs=1e-3)
    np.testing.assert_allclose(best.x[-1], point, atol=0.03)


def test_the_narrow_boxes_do_hold_the_minimum_back() -> None:
    """Otherwise the comparisons above would say nothing about bounds."""
    for name in PROBLEMS:
        if name.endswith("bounded"):
            (point, value), box = scipys_minimum(name), PROBLEMS[name]
            assert np.any((point == box.lower) | (point == box.upper))
            assert value > scipys_minimum(name.removesuffix(" bounded"))[1] + 0.01


@pytest.mark.parametrize(("solver", "problem"), RUNS)
def test_iterates_never_leave_the_box(solver: str, problem: str) -> None:
    result, box = run(solver, problem), PROBLEMS[problem]
    for points in (result.evaluated, result.after, result.states.best.x):
        assert points.min() >= box.lower
        assert points.max() <= box.upper


@pytest.mark.parametrize(("solver", "problem"), RUNS)
def test_best_is_the_lowest_of_all_evaluated_points(solver: str, problem: str) -> None:
    result = run(solver, problem)
    best = result.states.best
    np.testing.assert_array_equal(best.value, np.minimum.accumulate(result.values))
    lowest = [np.argmin(result.values[: step + 1]) for step in range(len(result.values))]
    np.testing.assert_array_equal(best.x, result.evaluated[lowest])
    # The solver's own account of the values is true.
    again = [float(PROBLEMS[problem].function(tf.constant(x))) for x in result.evaluated[:5]]
    np.testing.assert_allclose(result.values[:5], again, rtol=1e-12)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_no_variable_changes_by_more_than_the_largest_step(problem: str) -> None:
    result = run("lbfgs", problem)
    changes = np.abs(result.after - result.evaluated).max(axis=1)
    went_well = result.states.best.failures == 0  # otherwise it goes back to the best, however far that is
    assert changes[went_well].max() <= 0.5 * (1 + 1e-12)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_only_pairs_of_positive_curvature_are_kept(problem: str) -> None:
    states = run("lbfgs", problem).states
    kept = 0
    for step, place in enumerate(states.solver.pairs.open):
        s, y, sy = (each[step] for each in states.solver.pairs[:3])
        used = np.diag(sy) != 0
        used[place] = False  # its s is already the next one
        curvature = np.sum(s * y, axis=1)[used]
        assert np.all(curvature > 0)
        np.testing.assert_allclose(np.diag(sy)[used], curvature, rtol=1e-9)
        kept += used.sum()
    assert kept > 0


def steps_of(solver: Solver, function: Objective, start: np.ndarray, steps: int) -> Iterator[Any]:
    """Yield the state before the first step and after each, eagerly."""
    optimizer = BestSoFar(solver)
    state = optimizer.init(tf.constant(start), steps)
    yield snapshot(state)
    for _ in range(steps):
        optimizer.step(function, state)
        yield snapshot(state)


def test_no_pair_is_kept_on_a_hilltop() -> None:
    hill = objective(lambda x: 100 - tf.reduce_sum(x**2))
    solver = Lbfgs(first_step=0.1, largest_step=0.5, lower=-3, upper=3)
    *_, last = steps_of(solver, hill, np.array([0.1, -0.2]), 60)
    assert not last.solver.pairs.sy.any()
    np.testing.assert_array_equal(last.best.x, [3, -3])


@pytest.mark.parametrize("largest_step", [10.0, 0.1])
def test_the_first_step_changes_a_variable_by_first_step_or_the_radius(largest_step: float) -> None:
    solver = Lbfgs(first_step=0.3, largest_step=largest_step, lower=-5, upper=5)
    start, after = steps_of(solver, objective(rosenbrock), np.array([-1.2, 1.0]), 1)
    change = after.x - start.x
    assert np.abs(change).max() == pytest.approx(min(0.3, largest_step))
    # Straight down the gradient.
    _, _, gradient = objective(rosenbrock)(tf.constant(start.x))
    np.testing.assert_allclose(change / np.linalg.norm(change), -gradient / np.linalg.norm(gradient), rtol=1e-12)


def bfgs_inverse(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """H of Nocedal and Wright, equations 7.16, 7.17 and 7.20, as a matrix; pairs oldest first."""
    s, y = pairs[-1]
    inverse = (s @ y) / (y @ y) * np.eye(len(s))
    for s, y in pairs:
        rho = 1 / (y @ s)
        v = np.eye(len(s)) - rho * np.outer(y, s)
        inverse = v.T @ inverse @ v + rho * np.outer(s, s)
    return inverse


@pytest.mark.parametrize("history", [1, 3, 10])
@pytest.mark.parametrize("bound", [1e3, 0.4])
def test_steps_are_those_of_the_explicit_inverse_hessian(history: int, bound: float) -> None:
    """The pixels on a bound that push outward are held: their gradient and direction are zero."""
    function = objective(bowl(30))
    solver = Lbfgs(history=history, first_step=0.05, largest_step=1e3, lower=-bound, upper=bound)
    states = list(steps_of(solver, function, np.zeros(10), 12))
    assert all(int(state.best.failures) == 0 for state in states)
    points = np.array([state.x for state in states])
    gradients = np.array([function(tf.constant(x))[2] for x in points])
    held_once = False
    for step in range(1, 12):
        x, gradient = points[step], gradients[step]
        changes = zip(np.diff(points[: step + 1], axis=0), np.diff(gradients[: step + 1], axis=0), strict=True)
        pairs = [(s, y) for s, y in changes if s @ y > 1e-10 * np.linalg.norm(s) * np.linalg.norm(y)]
        held = ((x == bound) & (gradient < 0)) | ((x == -bound) & (gradient > 0))
        direction = -bfgs_inverse(pairs[-history:]) @ np.where(held, 0, gradient)
        expected = np.clip(x + np.where(held, 0, direction), -bound, bound)
        np.testing.assert_allclose(points[step + 1], expected, rtol=1e-7, atol=1e-9)
        held_once |= bool(held.any())
    assert held_once == (bound < 1)


@pytest.mark.parametrize("bound", [1e3, 0.4])
def test_adams_steps_are_those_of_the_paper_clamped_and_with_cosine_decay(bound: float) -> None:
    """Kingma and Ba 2015, algorithm 1, with beta2 0.99."""
    function, steps = objective(bowl(30)), 12
    x, m, v = np.zeros(10), np.zeros(10), np.zeros(10)
    for t, state in enumerate(steps_of(Adam(learning_rate=0.1, lower=-bound, upper=bound), function, x, steps), 1):
        np.testing.assert_allclose(state.x, x, rtol=1e-7, atol=1e-9)
        gradient = function(tf.constant(x))[2].numpy()
        m, v = 0.9 * m + 0.1 * gradient, 0.99 * v + 0.01 * gradient**2
        rate = 0.1 * (1 + np.cos(np.pi * t / steps)) / 2
        x = np.clip(x - rate * (m / (1 - 0.9**t)) / np.sqrt(v / (1 - 0.99**t)), -bound, bound)


@pytest.mark.parametrize("scale", [2.0**-40, 2.0**40])
@pytest.mark.parametrize("solver", [Lbfgs(), Adam()])
def test_the_unit_of_the_objective_does_not_matter(solver: Solver, scale: float) -> None:
    """alpha and beta may be large or small together; the picture is the same."""
    target = np.linspace(-50, 300, 48, dtype=np.float32).reshape(1, 4, 4, 3)
    start = np.full_like(target, 128)

    def last(factor: float) -> np.ndarray:
        # An Adam whose epsilon is felt would stop short of the target.
        curved = objective(lambda x: factor * tf.reduce_sum(1e3 * (x - target) ** 2))
        *_, state = steps_of(solver, curved, start, 12)
        return np.array(state.best.x)

    np.testing.assert_allclose(last(scale), last(1.0), atol=0.5)


@pytest.mark.parametrize("solver", [Lbfgs(), Adam()])
def test_gradients_whose_squares_underflow_do_no_harm(solver: Solver) -> None:
    tiny = objective(lambda x: 2.0**-80 * tf.reduce_sum((x - 100) ** 2))
    for state in steps_of(solver, tiny, np.linspace(0, 255, 12, dtype=np.float32), 10):
        assert np.all(np.isfinite(state.x))
        assert int(state.best.failures) == 0


@pytest.mark.parametrize(("solver", "steps"), [(Lbfgs(), 20), (Adam(), 100)])
def test_pictures_reach_their_target_or_the_bound_before_it(solver: Solver, steps: int) -> None:
    rng = np.random.default_rng(0)
    target = rng.uniform(-80, 335, (1, 9, 7, 3)).astype(np.float32)
    weight = rng.uniform(0.5, 2, target.shape).astype(np.float32)
    picture = objective(lambda x: tf.reduce_mean(weight * (x - target) ** 2))
    *_, last = steps_of(solver, picture, rng.uniform(0, 255, target.shape).astype(np.float32), steps)
    assert last.x.dtype == last.best.x.dtype == last.best.value.dtype == np.float32
    assert last.best.x.shape == target.shape
    np.testing.assert_allclose(last.best.x, np.clip(target, 0, 255), atol=5)


@pytest.mark.parametrize("solver", SOLVERS)
def test_eager_and_traced_steps_are_the_same(solver: str) -> None:
    problem = PROBLEMS["rosenbrock 5 bounded"]
    make, steps = SOLVERS[solver]
    states = steps_of(
        make(lower=problem.lower, upper=problem.upper), objective(rosenbrock), np.array(problem.start), steps
    )
    eager = np.array([next(states).x for _ in range(30)])
    np.testing.assert_allclose(eager, run(solver, problem.name).evaluated[:30], rtol=1e-6)


def test_a_start_at_the_minimum_stays_there() -> None:
    for make, _ in SOLVERS.values():
        *_, last = steps_of(make(), objective(lambda x: tf.reduce_sum(x**2)), np.zeros(3), 5)
        np.testing.assert_array_equal(last.best.x, 0)
        np.testing.assert_array_equal(last.x, 0)
        assert int(last.best.failures) == 0


#: What an evaluation may go wrong with: (value, gradient) -> (value, gradient).
TROUBLES: dict[str, Callable[[tf.Tensor, tf.Tensor], tuple[Any, Any]]] = {
    "value nan": lambda value, gradient: (value * np.nan, gradient),
    "value inf": lambda value, gradient: (value * np.inf, gradient),
    "value -inf": lambda value, gradient: (-value * np.inf, gradient),
    "value 1e30": lambda value, gradient: (value * 0 + 1e30, gradient),
    "one gradient entry nan": lambda value, gradient: (value, gradient * np.array([1, np.nan])),
    "gradient inf": lambda value, gradient: (value, gradient * np.array([np.inf, -np.inf])),
    "value and gradient 1e30": lambda value, gradient: (value * 0 + 1e30, gradient * 1e30),
    "all nan": lambda value, gradient: (value * np.nan, gradient * np.nan),
}


def troubled(name: str, when: range) -> tuple[Objective, list[float]]:
    """Beale's function in float32, which fails on the evaluations in `when`; and the values that were sound."""
    sound: list[float] = []
    evaluation = 0

    def evaluate(x: tf.Tensor) -> tuple[tf.Tensor, Any, tf.Tensor]:
        nonlocal evaluation
        value, parts, gradient = objective(beale)(x)
        if evaluation in when:
            value, gradient = TROUBLES[name](value, gradient)
        else:
            sound.append(float(value))
        evaluation += 1
        return value, parts, gradient

    return evaluate, sound


def bounded(solver: str, **changes: float) -> Solver:
    return SOLVERS[solver][0](lower=-4.5, upper=4.5, **changes)


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("when", [range(1), range(3), range(9, 10), range(9, 13)], ids=str)
@pytest.mark.parametrize("solver", SOLVERS)
def test_trouble_passes_and_the_run_recovers(solver: str, when: range, trouble: str) -> None:
    function, sound = troubled(trouble, when)
    best = np.inf
    for state in steps_of(bounded(solver), function, np.ones(2, np.float32), 60):
        # Only what was reported may be non-finite, never what the next step builds on.
        assert np.all(np.isfinite(state.x))
        assert np.all(np.isfinite(state.best.x))
        assert not np.isnan(state.best.value)
        assert float(state.best.value) <= best
        best = float(state.best.value)
    assert best == min(sound) < 1  # from 14.2


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("solver", SOLVERS)
def test_trouble_without_end_leaves_the_start(solver: str, trouble: str) -> None:
    function, _ = troubled(trouble, range(1000))
    *_, last = steps_of(bounded(solver), function, np.ones(2, np.float32), 30)
    assert np.all(np.isfinite(last.x))
    if trouble != "value 1e30":
        # Nothing finite was ever seen, and the caller can tell.
        assert np.isinf(last.best.value)
        assert int(last.best.failures) == 30
        np.testing.assert_array_equal(last.best.x, [1, 1])


@pytest.mark.parametrize("trouble", TROUBLES)
def test_radius_shrinks_after_a_failure_and_grows_back(trouble: str) -> None:
    function, _ = troubled(trouble, range(9, 10))
    states: list[Search] = list(steps_of(bounded("lbfgs"), function, np.ones(2, np.float32), 20))
    before, after = states[9], states[10]
    assert float(after.solver.radius) < float(before.solver.radius) == 0.5
    assert int(after.best.failures) == 1
    # Back at the best point, with no memory of the bad one.
    np.testing.assert_array_equal(after.x, after.best.x)
    np.testing.assert_array_equal(after.best.x, before.best.x)
    assert not after.solver.pairs.sy.any()
    # The next step is shorter than the one that failed was allowed to be.
    assert 0 < np.abs(states[11].x - after.x).max() <= float(after.solver.radius) * (1 + 1e-6)
    assert float(states[-1].solver.radius) == 0.5


def test_radius_shrinks_with_every_failure_in_a_row() -> None:
    function, _ = troubled("value nan", range(5, 9))
    radii = [float(state.solver.radius) for state in steps_of(bounded("lbfgs"), function, np.ones(2, np.float32), 9)]
    assert np.all(np.diff(radii[5:]) < 0)


def test_adam_takes_shorter_steps_and_forgets_its_means_after_a_failure() -> None:
    function, _ = troubled("value nan", range(9, 10))
    states = list(steps_of(bounded("adam"), function, np.ones(2, np.float32), 20))
    np.testing.assert_array_equal(states[10].x, states[10].best.x)
    # As at the start, the first step is the learning rate in every variable: a quarter of 0.1, decayed.
    decay = (1 + np.cos(np.pi * 11 / 20)) / 2
    np.testing.assert_allclose(np.abs(states[11].x - states[10].x), 0.025 * decay, rtol=1e-4)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_value_that_runs_away_counts_as_a_failure_and_a_small_rise_does_not(solver: str) -> None:
    values = iter([1.0, 2.0, 50.0])

    def evaluate(x: tf.Tensor) -> tuple[tf.Tensor, Any, tf.Tensor]:
        return tf.constant(next(values), x.dtype), (), tf.ones_like(x)

    _, first, rise, away = steps_of(bounded(solver), evaluate, np.zeros(2), 3)
    assert [int(state.best.failures) for state in (first, rise, away)] == [0, 0, 1]
    np.testing.assert_array_equal(away.best.x, [0, 0])
    assert float(away.best.value) == 1
    assert float(away.best.last_value) == 50
