"""Every example runs, in a short form: the numbers of epochs and iterations are cut."""

import pathlib
import re
import subprocess
import sys

import pytest

from tests.users import environment

EXAMPLES = pathlib.Path(__file__).parent.parent / "examples"

SHORT = {
    "bias_before_batch_normalization.py": [(r"numIterations = \d+", "numIterations = 5")],
    "dynamical_system_modeling_using_neural_ode.py": [(r"numIter = \d+", "numIter = 3")],
    "fixed_feature_extractor.py": [(r"numIterations = \d+", "numIterations = 3")],
    "gradient_accumulation.py": [(r"numEpochs = \d+", "numEpochs = 1")],
    "initialize_weights.py": [(r'    "(narrow-normal|glorot|he|orthogonal)": .*\n', "")],
    "kl_regularized_adaptation.py": [(r"numIterations = \d+", "numIterations = 3")],
    "l1_l2_regularization.py": [(r"numIterations = \d+", "numIterations = 3")],
    "monitor_custom_training_loop_progress.py": [(r"numEpochs = \d+", "numEpochs = 2")],
    "order_batch_normalization_and_dropout.py": [
        (r"numEpochs = \d+", "numEpochs = 1"),
        (r"seeds = .*", "seeds = [0]"),
        (r"in orders:", "in orders[6:7]:"),
    ],
    "padding_and_stride.py": [],
    "resume_training.py": [(r"numEpochs = \d+", "numEpochs = 2")],
    "rosenbrock.py": [(r"range\(1, 5001\)", "range(1, 51)")],
    "solve_pde_using_physics_informed_neural_network.py": [
        (r"maxIterations = \d+", "maxIterations = 3"),
        (r"numBlocks = \d+", "numBlocks = 2"),
        (r"Points = 10000", "Points = 100"),
    ],
    "train_network_on_image_files.py": [
        (r"numEpochs = \d+", "numEpochs = 1"),
        (r"labels\[:2000\]", "labels[:200]"),
    ],
    "train_network_using_custom_training_loop.py": [(r"numEpochs = \d+", "numEpochs = 1")],
    "train_network_using_model_function.py": [
        (r"numEpochs = \d+", "numEpochs = 1"),
        (
            r"(X\w+), (T1\w+), (T2\w+) = (digit\w+)\(\)",
            r"\1, \2, \3 = (a[..., ::20] for a in \4())",
        ),
    ],
    "two_tower_similarity.py": [(r"numIterations = \d+", "numIterations = 3")],
}
PRINTS = {
    "bias_before_batch_normalization.py": r"Bias 0 differ by .e-0[67][\s\S]*factor 0: 0\n",
    "dynamical_system_modeling_using_neural_ode.py": r"from \(1, 0\): mean absolute error \d\.\d+",
    "fixed_feature_extractor.py": r"2565 parameters train; features unchanged: True",
    "gradient_accumulation.py": r"calls differ by 0\n.*parts differ by \de-0[6-9]\n",
    "initialize_weights.py": r"zeros +2\.303 +10\.0%\nones .* 10\.0%\n",
    "kl_regularized_adaptation.py": r"refWeight 0.5: shifted [01]\.\d{4}[\s\S]*unchanged: True",
    "l1_l2_regularization.py": r"by hand differ by \de-0[89]\n[\s\S]*L1 1 ",
    "monitor_custom_training_loop_progress.py": r"Accuracy on held-back digits: 0\.\d{4}",
    "order_batch_normalization_and_dropout.py": r"conv  bn  relu  pool  drop +\d",
    "padding_and_stride.py": r"\n\[8, 11, 7, 9, 4\]\n",
    "resume_training.py": r"Validation loss of the best network: 0\.\d+",
    "rosenbrock.py": r"value 104\.0 gradient \[\[396\. 200\.\]\]",
    "solve_pde_using_physics_informed_neural_network.py": r"t = 1: relative error \d[\s\S]*3 iter",
    "train_network_on_image_files.py": r"Accuracy on \d+ held-back files: [01]\.\d{4}",
    "train_network_using_custom_training_loop.py": r"held-back digits: [01]\.\d{4}",
    "train_network_using_model_function.py": r"Accuracy: [01]\.\d{4}, angle error",
    "two_tower_similarity.py": r"Parameters: 12481, of one tower: 12448",
}


def test_every_example_is_tested():
    assert {path.name for path in EXAMPLES.glob("*.py")} == set(SHORT) == set(PRINTS)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(SHORT))
def test_example_runs(name, tmp_path):
    text = (EXAMPLES / name).read_text()
    for pattern, replacement in SHORT[name]:
        text, count = re.subn(pattern, replacement, text)
        assert count, f"{pattern} is not in {name}"
    script = tmp_path / name
    script.write_text(text)
    command = [sys.executable, "-W", "error::UserWarning", script]
    run = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env=environment(), timeout=600
    )
    assert run.returncode == 0, run.stderr
    assert re.search(PRINTS[name], run.stdout), run.stdout
    if name == "initialize_weights.py":
        assert_initializers_come_out_in_order(run.stdout)


def assert_initializers_come_out_in_order(text):
    """As in a well-known comparison on clothes: 10 %, 10 %, 37 %, 76 %, 85 %, 85 %."""
    zeros, ones, uniform, centered, rule, normal = map(float, re.findall(r"([\d.]+)%", text))
    assert zeros == ones < uniform < centered < min(rule, normal)
    assert abs(rule - normal) < (rule - centered) / 2
