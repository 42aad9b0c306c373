import multiprocessing
import os
import pickle
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock

from object_store import action_store, store

from .contract import CONTEXT
from .support import MongoServer, WorkingDirectory

A, B, C = "a1" * 12, "b2" * 12, "c3" * 12
RUN, OTHER = "11" * 12, "22" * 12
START = datetime(2026, 1, 31, 12, 0)


def at(seconds):
    return START + timedelta(seconds=seconds)


class WithMongoDB(WorkingDirectory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            import pymongo  # noqa: F401
        except ImportError:
            raise AssertionError("These tests need pymongo: apt-get install python3-pymongo (or pip install pymongo).") from None
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.server = MongoServer(folder.name)
        cls.addClassCleanup(cls.server.stop)

    def setUp(self):
        super().setUp()
        from bson import ObjectId

        self.id = ObjectId
        self.addCleanup(setattr, action_store, "_of_process", None)
        self.objects = store.ObjectStore({"STORAGE_ENDPOINT": self.root.as_uri()}, ["texts"], self.server.db_config)
        self.collection = self.objects._actions.collection
        self.collection.delete_many({})

    def document(self, action_id):
        return self.collection.find_one({"_id": self.id(action_id)})


class RecordingTests(WithMongoDB):
    def test_what_an_action_puts_gets_and_misses_is_in_its_document(self):
        context = {"action_id": A, "orch_id": RUN, "more": 1}
        self.write("texts/a", b"12345")
        before = datetime.utcnow() - timedelta(milliseconds=1)
        self.objects.put_sync(context, "texts", "a")
        self.objects.get_sync(context, "texts", "a")
        with self.assertRaises(store.NoSuchKeyException):
            self.objects.get_sync(context, "texts", "none")
        self.objects.remove_object({}, "texts", "a")
        after = datetime.utcnow()

        found = self.document(A)
        self.assertEqual({name: found[name] for name in ("action_id", "orch_id", "more")}, context)
        for member, name, size in (("objects_put", "texts/a", 5), ("objects_get", "texts/a", 5), ("error_get", "texts/none", None)):
            (entry,) = found[member]
            self.assertEqual((entry["orch_id"], entry["object"], entry.get("size")), (self.id(RUN), name, size))
            self.assertTrue(before <= entry["time"] <= after, entry)
        self.assertEqual(set(found), {"_id", "action_id", "orch_id", "more", "objects_put", "objects_get", "error_get"})

    def test_the_context_of_the_latest_orchestration_stays(self):
        self.write("texts/a", b"1")
        for run in (RUN, OTHER):
            self.objects.put_sync({"action_id": A, "orch_id": run}, "texts", "a")
        found = self.document(A)
        self.assertEqual((found["orch_id"], [put["orch_id"] for put in found["objects_put"]]), (OTHER, [self.id(RUN), self.id(OTHER)]))

    def test_an_entry_has_the_time_and_size_of_the_reply(self):
        self.write("texts/a", b"123")

        @store.action
        def main(args):
            self.objects.put_sync(args["context"], "texts", "a")
            return {}

        (reported,) = main({"context": CONTEXT, "__orchestration": {"attempt": 1}})["__orchestration"]["writes"]
        (entry,) = self.document(CONTEXT["action_id"])["objects_put"]
        self.assertEqual(
            (entry["size"], entry["time"].isoformat(timespec="milliseconds") + "Z"), (reported["size"], reported["time"])
        )

    def test_a_context_of_nobody_is_not_recorded(self):
        self.write("texts/a", b"1")
        for context in ({}, None, {"action_id": A}, {"action_id": "no id", "orch_id": RUN}):
            self.objects.put_sync(context, "texts", "a")
        self.assertEqual(self.collection.count_documents({}), 0)

    def test_without_a_db_config_the_database_of_the_process_is_used(self):
        self.write("texts/a", b"1")
        store.ObjectStore({"STORAGE_ENDPOINT": self.root.as_uri()}, []).put_sync(CONTEXT, "texts", "a")
        store.ObjectStore({"STORAGE_ENDPOINT": self.root.as_uri()}, [], {}).put_sync(CONTEXT, "texts", "a")
        self.assertEqual(len(self.document(CONTEXT["action_id"])["objects_put"]), 1)

    def test_without_an_endpoint_nothing_is_recorded(self):
        store.ObjectStore({}, ["texts"], self.server.db_config).put_sync(CONTEXT, "texts", "a")
        self.assertEqual(self.collection.count_documents({}), 0)

    def test_children_of_every_start_method_record_too(self):
        Path("recording.py").write_text(
            "import multiprocessing, sys\n"
            "from object_store import store\n"
            "def child(objects, context, name):\n"
            "    objects.put_sync(context, 'texts', name)\n"
            "if __name__ == '__main__':\n"
            "    objects = store.ObjectStore({'STORAGE_ENDPOINT': %r}, ['texts'], %r)\n"
            "    context = {'action_id': %r, 'orch_id': %r}\n"
            "    objects.put_sync(context, 'texts', 'a')\n"
            "    for method in ('fork', 'spawn', 'forkserver'):\n"
            "        process = multiprocessing.get_context(method).Process(target=child, args=(objects, context, 'a'))\n"
            "        process.start()\n"
            "        process.join()\n" % (self.root.as_uri(), self.server.db_config, A, RUN)
        )
        self.write("texts/a", b"1")
        package = str(Path(store.__file__).parents[1])
        done = subprocess.run([sys.executable, "recording.py"], env=dict(os.environ, PYTHONPATH=package), capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(len(self.document(A)["objects_put"]), 4)

    def test_forked_writers_at_once_lose_nothing(self):
        for number in range(4):
            self.write("texts/%d" % number, b"1")
        fork = multiprocessing.get_context("fork")
        with fork.Pool(4) as pool:
            pool.starmap(self.objects.put_sync, [(CONTEXT, "texts", str(number % 4)) for number in range(40)])
        self.assertEqual(len(self.document(CONTEXT["action_id"])["objects_put"]), 40)

    def test_a_database_that_is_not_there_says_so_and_shows_no_password(self):
        with mock.patch.object(action_store, "_FIND_SERVER_MS", 50):
            objects = store.ObjectStore(
                {"STORAGE_ENDPOINT": self.root.as_uri()}, ["texts"], {"MONGO_HOST": "mongodb://me:geheim@127.0.0.1:9/?connectTimeoutMS=50"}
            )
            self.write("texts/a", b"1")
            with self.assertRaisesRegex(store.ObjectStoreError, "'texts/a' could not be recorded in the MongoDB at 127.0.0.1:9/") as raised:
                objects.put_sync(CONTEXT, "texts", "a")
            self.assertNotIn("geheim", str(raised.exception))
            # A missing object is told in any case: it is what recovery begins with.
            with self.assertRaises(store.NoSuchKeyException):
                objects.get_sync(CONTEXT, "texts", "none")

    def test_a_port_that_is_none_says_so(self):
        with self.assertRaisesRegex(ValueError, "MONGO_PORT 'x' is no port"):
            store.ObjectStore({}, [], {"MONGO_HOST": "localhost", "MONGO_PORT": "x"})

    def test_a_copy_in_another_process_records_in_the_same_database(self):
        self.write("texts/a", b"1")
        pickle.loads(pickle.dumps(self.objects)).put_sync(CONTEXT, "texts", "a")
        self.assertEqual(len(self.document(CONTEXT["action_id"])["objects_put"]), 1)


class QueryTests(WithMongoDB):
    def setUp(self):
        super().setUp()
        # A wrote x and y in one run and x again in another; B read x and wrote x; C read x and z, which nobody wrote.
        self.add(A, "objects_put", (RUN, "b/x", 10, 1), (RUN, "b/y", 20, 2), (OTHER, "b/x", 11, 20))
        self.add(B, "objects_put", (RUN, "b/x", 30, 5))
        self.add(B, "objects_get", (RUN, "b/x", 10, 4))
        self.add(C, "objects_get", (RUN, "b/x", 30, 6), (RUN, "b/z", 40, 7), (OTHER, "b/x", 11, 21))

    def add(self, action, member, *entries):
        documents = [{"orch_id": self.id(run), "object": name, "size": size, "time": at(time)} for run, name, size, time in entries]
        self.collection.update_one(
            {"_id": self.id(action)}, {"$set": {"action_id": action, "orch_id": RUN}, "$push": {member: {"$each": documents}}}, upsert=True
        )

    def test_who_wrote_an_object_last(self):
        self.assertEqual(self.objects.get_action_ids_for_objects(["b/x", "none", "b/y"]), [self.id(A), None, self.id(A)])
        self.assertEqual(self.objects.get_action_ids_for_objects([]), [])

    def test_all_who_wrote_an_object_by_time(self):
        self.assertEqual(self.objects.get_all_action_ids_for_objects(["b/x", "none", "b/y"]), [[self.id(A), self.id(B)], [], [self.id(A)]])

    def test_objects_of_an_orchestration(self):
        self.assertEqual(self.objects.get_objects_involved(self.id(RUN)), {"objects_read": {"b/x", "b/z"}, "objects_written": {"b/x", "b/y"}})
        self.assertEqual(self.objects.get_objects_involved(OTHER), {"objects_read": {"b/x"}, "objects_written": {"b/x"}})

    def test_metrics_of_actions(self):
        metric = lambda action, read, written: {"action_id": self.id(action), "object_read_sz": read, "object_write_sz": written}  # noqa: E731
        self.assertEqual(
            self.objects.get_metrics_for_actions(self.id(RUN), [self.id(A), self.id(B), "dd" * 12]),
            {
                "objects_read": {"b/x"},
                "objects_written": {"b/x", "b/y"},
                "metrics": {self.id(A): metric(A, 0, 30), self.id(B): metric(B, 10, 30)},
                "total_object_read_sz": 10,
                "total_object_write_sz": 60,
            },
        )
        self.assertEqual(self.objects.get_metrics_for_actions(action_ids=[A])["metrics"], {self.id(A): metric(A, 0, 41)})

    def test_metrics_of_objects(self):
        self.assertEqual(
            self.objects.get_metrics_for_objects(RUN, ["b/y", "none", "b/x", "b/z"]),
            [
                {"object": "b/y", "put_time": at(2), "get_time": None, "lifetime": None, "put_size": 20, "get_size": 0},
                {"object": "b/x", "put_time": at(1), "get_time": at(6), "lifetime": timedelta(seconds=5), "put_size": 30, "get_size": 30},
                {"object": "b/z", "put_time": None, "get_time": at(7), "lifetime": None, "put_size": 0, "get_size": 40},
            ],
        )
        self.assertEqual(self.objects.get_metrics_for_objects(objects=["b/x"])[0]["get_time"], at(21))

    def test_writes_of_actions_across_orchestrations(self):
        def put(name, size, time):
            return {name: {"object": name, "size": size, "put_time": at(time)}}

        ids = [self.id(A), self.id(C)]
        self.assertEqual(
            self.objects.get_putmetrics_for_action_across_orchs([], ids),
            {self.id(RUN): {self.id(A): dict(put("b/x", 10, 1), **put("b/y", 20, 2))}, self.id(OTHER): {self.id(A): put("b/x", 11, 20)}},
        )
        self.assertEqual(self.objects.get_putmetrics_for_action_across_orchs([OTHER], ids), {self.id(OTHER): {self.id(A): put("b/x", 11, 20)}})

    def test_the_document_of_the_last_writer_in_an_orchestration(self):
        self.assertEqual(self.objects.get_details_object_write(self.id(RUN), "b/x")["_id"], self.id(B))
        self.assertEqual(self.objects.get_details_object_write(OTHER, "b/x")["_id"], self.id(A))
        self.assertIsNone(self.objects.get_details_object_write(OTHER, "b/y"))

    def test_the_document_of_an_action(self):
        self.assertEqual(self.objects.get_action_details(B)["objects_put"][0]["size"], 30)
        self.assertIsNone(self.objects.get_action_details("dd" * 12))

    def test_without_a_database_queries_say_what_they_need(self):
        objects = store.ObjectStore({}, [], {})
        with self.assertRaisesRegex(store.ObjectStoreError, "give ObjectStore a db_config") as raised:
            objects.get_action_details(A)
        self.assertEqual(raised.exception.code, "NoDatabase")
