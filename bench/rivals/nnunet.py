"""nnU-Net v2 as it plans itself (3d_fullres), trained for a number of minutes, then run over the test scans.

Usage: nnunet.py TASK.json, as bench/rivals.mjs writes it; prints {steps, trainMs, predictMs, peakBytes}.
What differs from its defaults is what the budget asks for: it ends by the clock, its polynomial rate falls over the budget, all scans
are trained on (fold "all"), and neither checkpoints nor validation epochs take time.
"""
import json
import os
import resource
import shutil
import sys
import time
from pathlib import Path

task = json.loads(Path(sys.argv[1]).read_text())
work = Path(task["work"]) / "nnunet"
for name in ("raw", "preprocessed", "results"):
    os.environ[f"nnUNet_{name}"] = str(work / name)
    (work / name).mkdir(parents=True, exist_ok=True)
os.environ["nnUNet_n_proc_DA"] = "1"

import torch  # noqa: E402: the folders above are read on import
from nnunetv2.experiment_planning.plan_and_preprocess_api import extract_fingerprints, plan_experiments, preprocess  # noqa: E402
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor  # noqa: E402
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer  # noqa: E402


class TimedTrainer(nnUNetTrainer):
    """The default trainer, ended by the clock."""

    def train_for(self, seconds: float) -> int:
        self.on_train_start()
        self.network.train()
        started = time.monotonic()
        steps = 0
        while (share := (time.monotonic() - started) / seconds) < 1:
            for group in self.optimizer.param_groups:
                group["lr"] = self.initial_lr * (1 - share) ** 0.9
            self.train_step(next(self.dataloader_train))
            steps += 1
        return steps


def raw_data() -> None:
    raw = work / "raw" / "Dataset001_Rival"
    for folder in ("imagesTr", "labelsTr"):
        (raw / folder).mkdir(parents=True, exist_ok=True)
    for image, label in zip(task["images"], task["labels"]):
        name = Path(image).name.removesuffix(".nii.gz")
        shutil.copy(image, raw / "imagesTr" / f"{name}_0000.nii.gz")
        shutil.copy(label, raw / "labelsTr" / f"{name}.nii.gz")
    labels = {"background": 0, **{f"structure {n}": n for n in range(1, task["classes"])}}
    about = {
        "channel_names": {"0": "MRI"},
        "labels": labels,
        "numTraining": len(task["images"]),
        "file_ending": ".nii.gz",
    }
    (raw / "dataset.json").write_text(json.dumps(about))


def main() -> None:
    torch.set_num_threads(task["threads"])
    torch.manual_seed(task["seed"])
    raw_data()
    extract_fingerprints([1], num_processes=task["threads"])
    plan_experiments([1])
    preprocess([1], configurations=("3d_fullres",), num_processes=(task["threads"],))
    home = work / "preprocessed" / "Dataset001_Rival"
    plans = json.loads((home / "nnUNetPlans.json").read_text()) | {"continue_training": False}  # as its command line adds
    dataset = json.loads((home / "dataset.json").read_text())
    trainer = TimedTrainer(plans, "3d_fullres", "all", dataset, device=torch.device("cpu"))
    trainer.initialize()
    started = time.monotonic()
    steps = trainer.train_for(60 * task["minutes"])
    trained = time.monotonic()
    for loader in (trainer.dataloader_train, trainer.dataloader_val):
        if hasattr(loader, "_finish"):
            loader._finish()
    trainer.set_deep_supervision_enabled(False)
    trainer.network.eval()
    predictor = nnUNetPredictor(perform_everything_on_device=False, device=torch.device("cpu"), allow_tqdm=False)
    predictor.manual_initialization(
        trainer.network,
        trainer.plans_manager,
        trainer.configuration_manager,
        [trainer.network.state_dict()],
        dataset,
        "nnUNetTrainer",
        trainer.inference_allowed_mirroring_axes,
    )
    out = Path(task["out"])
    predictor.predict_from_files_sequential(
        [[image] for image in task["testImages"]],
        [str(out / Path(image).name.removesuffix(".nii.gz")) for image in task["testImages"]],
    )
    plan = plans["configurations"]["3d_fullres"]
    print(
        json.dumps(
            {
                "steps": steps,
                "trainMs": 1000 * (trained - started),
                "predictMs": 1000 * (time.monotonic() - trained),
                "peakBytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
                "plan": {"patch": plan["patch_size"], "batch": plan["batch_size"]},
            }
        )
    )


if __name__ == "__main__":
    main()
