"""Stochastic Polyak steps as `torch.optim.Optimizer`s."""

from gpt2_demo.optim.clipping import clip_grad_norm_ as clip_grad_norm_
from gpt2_demo.optim.iam import IAM as IAM, IAMAdam as IAMAdam
from gpt2_demo.optim.sps import SPSStar as SPSStar
