"""The operator wants components that somebody vouches for: no other is run here."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.control.conftest import PING, SCRIPTED
from wasm_engine.agents.read_manifest import read_manifest
from wasm_engine.concepts.canonical import sha256_hex
from wasm_engine.concepts.errors import Misuse, Refused
from wasm_engine.control import keyring
from wasm_engine.control.checks import check
from wasm_engine.control.forks import Edits, fork
from wasm_engine.control.locks import lock, read_beside
from wasm_engine.control.orders import Pace
from wasm_engine.control.replays import replay
from wasm_engine.control.runs import load, resume, run
from wasm_engine.control.signing import sign
from wasm_engine.control.vouching import signers
from wasm_engine.host.origins import remember_origin
from wasm_engine.policy.operator import BadPolicy, parse_policy
from wasm_engine.world import gather_material

ADA = 'require-signers = ["ada"]\n'
DIGEST = sha256_hex(PING.read_bytes())


@pytest.fixture
def component(world) -> Path:
    """What both kinds of the world run."""
    return world.parent / "ping.wasm"


def test_a_component_that_is_signed_by_whom_the_operator_wants_runs(ada, policy, world, component):
    policy(ADA)
    sign(component, key="ada")
    assert run(world, send=[("a", "start", "2 b")]).status == "idle"
    assert check(world).missing == ()


def test_a_component_that_is_not_signed_is_refused(command, values, ada, policy, world):
    policy(ADA)
    for verb in ("run", "check"):
        status, out, err = command(verb, world)
        assert (status, out) == (4, "")
        assert f"signed by ada ({ada.key}):" in err
        assert f"a: ping.wasm (sha256:{DIGEST}) is not signed: there is no ping.wasm.sig" in err
    assert values("run", world)[1]["error"]["code"] == "signer-required"


def test_a_component_that_a_stranger_signed_is_refused(command, ada, bob, policy, world, component):
    policy(ADA)
    sign(component, key="bob")
    status, _, err = command("run", world)
    expected = f"ping.wasm (sha256:{DIGEST}) is signed by {bob.key}, a key nobody trusts here"
    assert (status, expected in err, f"ada ({ada.key})" in err) == (4, True, True)
    keyring.trust(bob.file, "bob")
    status, _, err = command("run", world)
    assert (status, f"sha256:{DIGEST} is signed by bob ({bob.key})" in err) == (4, True)
    policy('require-signers = ["ada", "bob"]')
    assert command("run", world)[0] == 0


def test_a_tampered_component_is_refused_with_both_digests(command, ada, policy, world, component):
    policy(ADA)
    sign(component, key="ada")
    shutil.copyfile(SCRIPTED, component)
    status, _, err = command("run", world)
    now = sha256_hex(SCRIPTED.read_bytes())
    expected = f"ping.wasm (sha256:{now}) is not what was signed, which is sha256:{DIGEST}"
    assert (status, expected in err) == (4, True)


def test_a_broken_signature_is_refused(command, ada, policy, world, component):
    policy(ADA)
    sign(component, key="ada")
    beside = component.with_name("ping.wasm.sig")
    beside.write_text(beside.read_text()[:-20])
    status, _, err = command("run", world)
    assert (status, "ping.wasm.sig is no signature: it is not JSON" in err) == (4, True)


def test_a_signer_that_is_not_trusted_here_is_said_to_be_none(command, policy, world):
    policy('require-signers = ["carol"]')
    status, _, err = command("run", world)
    assert (status, "carol (no such key is trusted here)" in err) == (4, True)


def test_a_signed_lock_vouches_for_what_it_names(ada, policy, world):
    policy(ADA)
    lock(world)
    with pytest.raises(Refused, match="is not signed"):
        run(world)
    sign(world.with_suffix(".lock"), key="ada")
    assert run(world).status == "idle"
    text = world.with_suffix(".lock").read_text()
    world.with_suffix(".lock").write_text(text + "# more\n")
    with pytest.raises(Refused, match="is not signed"):
        run(world)


def test_who_vouches_for_each_kind_is_a_value(ada, bob, world, component):
    other = component.with_name("other.wasm")
    shutil.copyfile(SCRIPTED, other)
    text = world.read_text()
    world.write_text(f'{text}\n[agents.c]\nsource = "other.wasm"\n')
    material = gather_material(read_manifest(world))
    assert signers(material) == {"a": None, "b": None, "c": None}
    sign(component, key="ada")
    sign(other, key="bob")
    assert signers(material) == {"a": "ada", "b": "ada", "c": None}
    lock(world)
    sign(world.with_suffix(".lock"), key="ada")
    assert signers(material, read_beside(world)) == {"a": "ada", "b": "ada", "c": "ada"}


def test_a_signed_lock_vouches_for_nothing_that_it_does_not_name(ada, world, component):
    lock(world)
    sign(world.with_suffix(".lock"), key="ada")
    shutil.copyfile(SCRIPTED, component)
    material = gather_material(read_manifest(world))
    assert signers(material, read_beside(world)) == {"a": None, "b": None}


def test_what_was_read_is_what_is_vouched_for(ada, policy, world, component):
    policy(ADA)
    sign(component, key="ada")
    signed = component.read_bytes()
    shutil.copyfile(SCRIPTED, component)
    material = gather_material(read_manifest(world))
    component.write_bytes(signed)  # too late: other bytes are in the world already
    assert signers(material) == {"a": None, "b": None}


def test_load_refuses_what_run_refuses_and_its_runs_go_on(ada, policy, world, component, tmp_path):
    policy(ADA)
    with pytest.raises(Refused):
        load(world)
    sign(component, key="ada")
    loaded = load(world)
    assert loaded.vouchers == {DIGEST: ["ada"]}
    loaded.begin(tmp_path / "x.run").close()
    assert resume(tmp_path / "x.run").status == "idle"


def test_a_run_goes_on_if_it_began_signed_here(ada, policy, world, component, tmp_path):
    sign(component, key="ada")
    file = tmp_path / "x.run"
    start = [("a", "start", "9 b")]
    policy(ADA)
    run(world, file=file, send=start, pace=Pace(max_steps=3))
    component.with_name("ping.wasm.sig").unlink()
    assert resume(file).status == "idle"
    keyring.distrust("ada")
    with pytest.raises(Refused, match="nobody vouched for it when it began here"):
        resume(file)


def test_a_run_that_began_unsigned_or_elsewhere_does_not_go_on(ada, policy, world, tmp_path):
    file = tmp_path / "x.run"
    report = run(world, file=file, send=[("a", "start", "9 b")], pace=Pace(max_steps=3))
    sign(file, key="ada")
    policy(ADA)
    for take_over in (False, True):
        with pytest.raises(Refused, match=f"sha256:{DIGEST}") as caught:
            resume(file, take_over=take_over)
        assert caught.value.code == "signer-required"
    assert replay(file).chain == report.chain
    policy("")
    remember_origin(report.run, {})
    assert resume(file).status == "idle"


def test_a_fork_takes_its_vouchers_along_and_no_unsigned_component(
    ada, policy, world, component, tmp_path
):
    policy(ADA)
    sign(component, key="ada")
    file, other = tmp_path / "x.run", tmp_path / "scripted.wasm"
    run(world, file=file, send=[("a", "start", "9 b")])
    shutil.copyfile(SCRIPTED, other)
    edits = Edits(components=(("b", other),))
    with pytest.raises(Refused, match=r"scripted\.wasm .* is not signed"):
        fork(file, at=3, out=tmp_path / "no.run", edits=edits)
    assert not (tmp_path / "no.run").exists()
    sign(other, key="ada")
    fork(file, at=3, out=tmp_path / "edited.run", edits=edits)
    assert resume(tmp_path / "edited.run").status == "idle"
    fork(file, at=3, out=tmp_path / "same.run")
    assert resume(tmp_path / "same.run").status == "idle"


def test_a_command_is_run_only_if_it_is_signed(command, ada, policy, component):
    policy(ADA)
    status, _, err = command("component", "run", component)
    assert (status, "is not signed" in err) == (4, True)
    sign(component, key="ada")
    status, _, err = command("component", "run", component)
    assert (status, "not signed" in err) == (2, False)  # it is no command


def test_a_policy_may_forbid_to_all_but_signed_components(policy, ada, world, component, tmp_path):
    rule = 'name = "ours"\nactions = ["send"]\nunless-signed-by = ["ada"]\n'
    policy(f"[[forbid]]\n{rule}")
    start = [("a", "start", "4 b")]
    assert run(world, send=start).denials > 0
    sign(component, key="ada")
    file = tmp_path / "x.run"
    assert run(world, file=file, send=start, pace=Pace(max_steps=2)).denials == 0
    assert resume(file).denials == 0
    assert replay(file).identical


def test_without_the_package_nothing_that_must_be_signed_runs(
    ada, policy, world, component, monkeypatch
):
    policy(ADA)
    sign(component, key="ada")
    monkeypatch.setattr("wasm_engine.control.verdicts.is_signature", _no_package)
    with pytest.raises(Misuse, match="not installed"):
        run(world)


def _no_package(*_args):
    raise Misuse("signatures need the package cryptography, which is not installed")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("require-signers = []", "p.toml:1: require-signers: must be an array of names"),
        ('require-signers = "ada"', "p.toml:1: require-signers: must be an array of names"),
        ('\nrequire-signers = ["ada", 3]', "p.toml:2: require-signers[1]: 3 cannot name a key"),
        ('require-signers = ["../a"]', 'p.toml:1: require-signers[0]: "../a" cannot name a key'),
        ("require-signer = 1", 'p.toml:1: require-signer: unknown key; did you mean "require-sign'),
    ],
)
def test_every_mistake_in_the_policy_is_told(text, said):
    with pytest.raises(BadPolicy) as caught:
        parse_policy(text, "p.toml")
    assert caught.value.mistakes[0].startswith(said)
