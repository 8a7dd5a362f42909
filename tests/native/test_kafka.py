"""Apache Kafka comes whole or not at all, and its broker does what the project asks of one."""

import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from ocop.native import kafka as native_kafka
from ocop.native.kafka import VERSION, KafkaFailed, KafkaMissing, free_port, wait_until_it_answers
from shared.bus.topics import answers
from tests.kafka import broker_in

ROOT = Path(__file__).parents[2]
FETCH = ROOT / "deploy" / "kafka" / "fetch.sh"
NAMESPACE = {"m": "http://maven.apache.org/POM/4.0.0"}
JAVA_11 = "#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n"
JAVA_21 = "#!/bin/sh\necho 'openjdk version \"21.0.2\" 2024-01-16' >&2\n"


def test_program_and_pom_mean_the_same_kafka() -> None:
    pom = ElementTree.parse(ROOT / "deploy" / "kafka" / "pom.xml")
    assert pom.findtext("m:properties/m:kafka.version", namespaces=NAMESPACE) == VERSION


# --- fetching it ---


def fetched(tmp_path: Path, **programs: str) -> subprocess.CompletedProcess[str]:
    """fetch.sh on a machine that has these programs (with what they do) and the usual tools, and cannot install any."""
    bin = tmp_path / "bin"
    bin.mkdir()
    for tool in ("cat", "dirname", "mkdir", "rm", "sed", "touch"):
        found = shutil.which(tool)
        assert found
        (bin / tool).symlink_to(found)
    for name, text in {"id": "#!/bin/sh\necho 1000\n", **programs}.items():
        (bin / name).write_text(text)
        (bin / name).chmod(0o755)
    return subprocess.run(
        ["/bin/sh", str(FETCH), str(tmp_path / "jars")], env={"PATH": str(bin)}, capture_output=True, text=True,
        check=False, timeout=30,
    )  # fmt: skip


def test_without_java_and_maven_it_says_what_is_missing_and_fails(tmp_path: Path) -> None:
    done = fetched(tmp_path)
    assert done.returncode == 1
    assert "apt-get install default-jre-headless maven" in done.stderr
    assert "OCOP_KAFKA_BOOTSTRAP=HOST:PORT" in done.stderr
    assert not (tmp_path / "jars").exists()


def test_a_java_that_is_too_old_is_as_good_as_none(tmp_path: Path) -> None:
    done = fetched(tmp_path, java=JAVA_11, mvn="#!/bin/sh\n")
    assert done.returncode == 1
    assert "Missing: default-jre-headless\n" in re.sub(" +\n", "\n", done.stderr)


def test_a_download_that_broke_off_is_not_taken_for_whole(tmp_path: Path) -> None:
    broken = fetched(tmp_path, java=JAVA_21, mvn=f"#!/bin/sh\ntouch {tmp_path}/jars/half.jar\nexit 1\n")
    assert broken.returncode != 0
    assert (tmp_path / "jars" / "half.jar").exists()
    assert not (tmp_path / "jars" / ".whole").exists()


def test_a_download_that_came_to_its_end_is_marked_and_holds_nothing_of_an_earlier_one(tmp_path: Path) -> None:
    (tmp_path / "jars").mkdir()
    (tmp_path / "jars" / "half.jar").touch()
    assert fetched(tmp_path, java=JAVA_21, mvn=f"#!/bin/sh\ntouch {tmp_path}/jars/all.jar\n").returncode == 0
    assert sorted(path.name for path in (tmp_path / "jars").iterdir()) == [".whole", "all.jar"]


def test_where_a_broker_is_named_nothing_is_fetched(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "deploy" / "kafka").mkdir(parents=True)
    shutil.copy(ROOT / "deploy" / "kafka" / "pom.xml", tmp_path / "deploy" / "kafka")
    asked = ["make", "--dry-run", "kafka"]
    needed = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=30)
    assert f'fetch.sh ".kafka/{VERSION}"' in needed.stdout
    named = [*asked, "OCOP_KAFKA_BOOTSTRAP=127.0.0.1:9092"]
    assert "fetch.sh" not in subprocess.run(
        named, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=30
    ).stdout  # fmt: skip


def test_without_the_jars_the_program_says_how_they_come(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(native_kafka, "JARS", tmp_path)
    with pytest.raises(KafkaMissing, match=r"make kafka.*OCOP_KAFKA_BOOTSTRAP"):
        native_kafka.java()


# --- its storage ---


async def test_a_storage_is_formatted_once_and_keeps_its_cluster(tmp_path: Path) -> None:
    broker = broker_in(tmp_path / "kafka")
    await broker.prepare()
    made = (broker.log_folder / "meta.properties").read_text()
    assert (tmp_path / "kafka" / "cluster-id").read_text() in made
    await broker.prepare()
    assert (broker.log_folder / "meta.properties").read_text() == made


async def test_a_folder_that_kafka_would_read_as_two_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KafkaFailed, match="comma"):
        await broker_in(tmp_path / "a,b").prepare()


# --- the broker ---


async def test_a_broker_answers_and_a_closed_port_does_not(kafka: str) -> None:
    assert await answers(kafka)
    nowhere = f"127.0.0.1:{free_port()}"
    with pytest.raises(KafkaFailed, match="it ended"):
        await wait_until_it_answers(nowhere, lambda: "it ended")
    with pytest.raises(KafkaFailed, match="does not answer"):
        await wait_until_it_answers(nowhere, lambda: None, seconds=0)


async def test_no_topic_comes_into_being_by_being_written_to(kafka: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, request_timeout_ms=1000, metadata_max_age_ms=200)
    await producer.start()
    try:
        with pytest.raises(KafkaError):
            await producer.send_and_wait("ocop.misspelt", b"")
    finally:
        await producer.stop()
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        assert "ocop.misspelt" not in await admin.list_topics()
    finally:
        await admin.close()


async def test_what_was_said_is_kept_for_ever(kafka: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.BROKER, "1")])
        settings = {name: value for name, value, *_ in answer.resources[0][4]}
        assert settings["log.retention.ms"] == "-1"
        assert settings["auto.create.topics.enable"] == "false"
    finally:
        await admin.close()
