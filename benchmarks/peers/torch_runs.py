"""PyTorch, eager: modules, autograd and the fused Adam.

Images are channels first. "Same" padding of a convolution with stride 2 starts at the other end
than PyTorch's own padding does, so images and filters are mirrored: the same sums, and no copy for
the padding.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from .workloads import HEADS, RATE, STRIDES, Values, Workload


def tensor(v: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.array(v))


def filled(module: Any, **values: np.ndarray) -> Any:
    """A module with other values in its parameters."""
    for name, value in values.items():
        getattr(module, name).data = tensor(value)
    return module


def dense(p: dict[str, np.ndarray]) -> nn.Linear:
    return filled(nn.Linear(*p["W"].shape), weight=p["W"].T.copy(), bias=p["b"])


def mlp(values: Values, activation: type[nn.Module] = nn.ReLU) -> nn.Module:
    *hidden, last = (dense(p) for p in values.values())
    return nn.Sequential(*(m for layer in hidden for m in (layer, activation())), last)


def cnn(values: Values) -> nn.Module:
    parts: list[nn.Module] = []
    for i, stride in enumerate(STRIDES, 1):
        W, b = values[f"conv{i}"]["W"], values[f"conv{i}"]["b"]
        width = W.shape[0]
        conv = nn.Conv2d(*W.shape[2:], width, stride, padding=width // 2)
        W = W[::-1, ::-1].transpose(3, 2, 0, 1).copy()
        norm = nn.BatchNorm2d(len(b))
        parts += [filled(conv, weight=W, bias=b), norm, nn.ReLU()]
    W, channels = values["fc"]["W"], len(b)
    side = round((len(W) / channels) ** 0.5)
    mirrored = W.reshape(side, side, channels, -1)[::-1, ::-1].transpose(2, 0, 1, 3)
    fc = dense({"W": mirrored.reshape(W.shape), "b": values["fc"]["b"]})
    return nn.Sequential(*parts, nn.Flatten(), fc)


class LSTM(nn.Module):
    def __init__(self, values: Values):
        super().__init__()
        p = values["lstm"]
        self.lstm = filled(
            nn.LSTM(len(p["Wx"]), len(p["Wh"]), batch_first=True),
            weight_ih_l0=p["Wx"].T.copy(),
            weight_hh_l0=p["Wh"].T.copy(),
            bias_ih_l0=p["b"],
            bias_hh_l0=0 * p["b"],
        )
        self.lstm.bias_hh_l0.requires_grad_(False)  # the others have one bias
        self.fc = dense(values["fc"])

    def forward(self, x: Any) -> Any:
        return self.fc(self.lstm(x)[0][:, -1])


class Block(nn.Module):
    def __init__(self, values: Values, i: int):
        super().__init__()
        width = len(values["norm"]["scale"])
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        parts = [values[f"{name}{i}"] for name in ("query", "key", "value")]
        joined = {key: np.concatenate([p[key] for p in parts], axis=-1) for key in "Wb"}
        self.qkv, self.out = dense(joined), dense(values[f"out{i}"])
        self.up, self.down = dense(values[f"up{i}"]), dense(values[f"down{i}"])

    def forward(self, x: Any) -> Any:
        parts = self.qkv(self.norm1(x)).unflatten(-1, (3, HEADS, -1)).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(*parts, is_causal=True)
        x = x + self.out(y.transpose(1, 2).flatten(2))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Transformer(nn.Module):
    def __init__(self, values: Values):
        super().__init__()
        E, P = values["embedding"]["E"], values["position"]["E"]
        self.embedding = filled(nn.Embedding(*E.shape), weight=E)
        self.position = nn.Parameter(tensor(P))
        count = sum(name.startswith("up") for name in values)
        self.blocks = nn.ModuleList(Block(values, i) for i in range(1, count + 1))
        self.norm, self.fc = nn.LayerNorm(E.shape[1]), dense(values["fc"])

    def forward(self, x: Any) -> Any:
        x = self.embedding(x) + self.position
        for block in self.blocks:
            x = block(x)
        return self.fc(self.norm(x))


def pinn(values: Values) -> nn.Module:
    return mlp(values, nn.Tanh)


def classifier_loss(model: Any, X: Any, T: Any) -> Any:
    return F.cross_entropy(model(X), T)


def language_loss(model: Any, X: Any, T: Any) -> Any:
    return F.cross_entropy(model(X).flatten(0, 1), T.flatten())


def pinn_loss(model: Any, x: Any, t: Any, x0: Any, t0: Any, u0: Any) -> Any:
    u = model(torch.cat([x, t], dim=1))
    ones = torch.ones_like(u)
    ux, ut = torch.autograd.grad(u, (x, t), ones, create_graph=True)
    (uxx,) = torch.autograd.grad(ux, x, ones, create_graph=True)
    f = ut + u * ux - 0.01 / torch.pi * uxx
    return F.mse_loss(f, torch.zeros_like(f)) + F.mse_loss(model(torch.cat([x0, t0], 1)), u0)


MODELS = {
    "mlp": (mlp, classifier_loss),
    "cnn": (cnn, classifier_loss),
    "lstm": (LSTM, classifier_loss),
    "transformer": (Transformer, language_loss),
    "pinn": (pinn, pinn_loss),
}


def data(workload: Workload) -> list[torch.Tensor]:
    """The batch: classes by number, images channels first and mirrored."""
    batch = dict(workload.batch)
    if workload.model in ("mlp", "cnn", "lstm"):
        batch["T"] = batch["T"].argmax(axis=1)
    if workload.model == "transformer":
        batch = {name: words.astype(np.int64) for name, words in batch.items()}
    if workload.model == "cnn":
        batch["X"] = batch["X"][:, ::-1, ::-1].transpose(0, 3, 1, 2).copy()
    tensors = [tensor(v) for v in batch.values()]
    if workload.model == "pinn":
        for x in tensors[:2]:
            x.requires_grad_()
    return tensors


class Torch:
    """The usual loop: zero the gradients, backward, step."""

    @classmethod
    def offers(cls, workload: Workload) -> bool:
        return workload.model in MODELS

    def __init__(self, workload: Workload):
        make, self.loss_of = MODELS[workload.model]
        self.model, self.batch = make(workload.values), data(workload)
        learned = [p for p in self.model.parameters() if p.requires_grad]
        self.optimizer = torch.optim.Adam(learned, RATE, fused=True)
        self.last: Any = None

    def step(self) -> Any:
        self.optimizer.zero_grad()
        self.last = self.loss_of(self.model, *self.batch)
        self.last.backward()
        self.optimizer.step()
        return self.last

    def wait(self) -> None:
        """Nothing: on the CPU PyTorch has computed when it returns."""

    def loss(self) -> float:
        return self.last.item()
