"""The step interface keeps Gymnasium's conventions."""

import sys

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from h2plant.plant.finding import PlantError
from h2plant.session.gym_env import OBSERVATION, PlantEnv


@pytest.fixture(scope="module")
def env() -> PlantEnv:
    return PlantEnv("minimal_day", episode_h=3.0, is_start_random=True)


def test_environment_passes_the_checker_of_gymnasium(env: PlantEnv) -> None:
    check_env(env, skip_render_check=True)


def test_random_policy_runs_to_the_end_and_repeats_by_seed(env: PlantEnv) -> None:
    def episode() -> tuple[list[float], int]:
        env.action_space.seed(4)
        observation, info = env.reset(seed=4)
        rewards: list[float] = []
        truncated = False
        while not truncated:
            assert env.observation_space.contains(observation)
            observation, reward, terminated, truncated, _ = env.step(env.action_space.sample())
            assert not terminated
            rewards.append(reward)
        return rewards, info["start_h"]

    first, hour = episode()
    assert len(first) == 12
    assert 0 <= hour <= 21
    assert (first, hour) == episode()


def test_full_power_makes_hydrogen_and_rest_costs_little(env: PlantEnv) -> None:
    names = list(OBSERVATION)
    made = {}
    for share in (0.0, 1.0):
        observation, _ = env.reset(options={"start_h": 0})
        assert observation[names.index("storage_level_frac")] == pytest.approx((60 - 42) / (100 - 42), abs=1e-3)
        for _ in range(12):
            observation, reward, *_, info = env.step([share])
        made[share] = observation[names.index("hydrogen_kg_per_h")]
        assert reward == pytest.approx(
            info["hydrogen_eur"] - info["power_eur"] - info["contract_eur"] - info["other_eur"]
        )
    assert abs(made[0.0]) < 0.05
    assert 15.0 < made[1.0] < 22.0


def test_missing_gymnasium_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    with pytest.raises(PlantError, match=r"pip install 'h2plant\[control\]'"):
        PlantEnv("minimal_day")


def test_wrong_use_is_told(env: PlantEnv) -> None:
    env.reset(seed=1)
    with pytest.raises(PlantError, match="finite numbers"):
        env.step([np.nan])
    with pytest.raises(PlantError, match="from 0 to 21"):
        env.reset(options={"start_h": 22})
    with pytest.raises(PlantError, match="whole number of steps"):
        PlantEnv("minimal_day", control_s=90)
