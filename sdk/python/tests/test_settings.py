import os

from object_store import store
from object_store.settings import complete, from_environment

from .support import WorkingDirectory


class SettingsTests(WorkingDirectory):
    def test_without_an_endpoint_nothing_is_done(self):
        for config in ({}, None, {"STORAGE_ENDPOINT": ""}):
            objects = store.ObjectStore(config, ["texts"])
            objects.put_sync({}, "texts", "no local file either")
            objects.get_sync({}, "texts", "a")
            objects.remove_object({}, "texts", "a")
            self.assertEqual(os.listdir(), ["texts"])

    def test_members_that_are_absent_come_from_the_environment(self):
        os.environ.update(STORAGE_ENDPOINT="file:" + str(self.root), AWS_ACCESS_KEY_ID="environment")
        store.ObjectStore(None, ["texts"])
        self.assertTrue((self.root / "texts").is_dir())
        self.assertEqual(
            complete({"AWS_ACCESS_KEY_ID": "given"}),
            {"STORAGE_ENDPOINT": "file:" + str(self.root), "AWS_ACCESS_KEY_ID": "given", "AWS_SECRET_ACCESS_KEY": None},
        )

    def test_an_empty_endpoint_given_turns_the_store_off(self):
        os.environ["STORAGE_ENDPOINT"] = "file:" + str(self.root)
        store.ObjectStore({"STORAGE_ENDPOINT": None}, ["texts"])
        self.assertFalse(self.root.exists())

    def test_settings_from_the_environment(self):
        self.assertEqual(from_environment()[1], None)
        os.environ.update(STORAGE_ENDPOINT="minio:9000", MONGO_HOST="mongo")
        config, db_config = from_environment()
        self.assertEqual(config["STORAGE_ENDPOINT"], "minio:9000")
        self.assertEqual(db_config, {"MONGO_HOST": "mongo", "MONGO_PORT": 27017})

    def test_a_relative_folder_stays_where_it_was_named(self):
        objects = store.ObjectStore({"STORAGE_ENDPOINT": "file:my store%20"}, ["texts"])
        os.makedirs("elsewhere/texts")
        os.chdir("elsewhere")
        self.write("texts/a", b"x")
        objects.put_sync({}, "texts", "a")
        self.assertTrue((self.work / "my store%20" / "texts" / "a").is_file())

    def test_a_file_url_is_decoded(self):
        store.ObjectStore({"STORAGE_ENDPOINT": "file://%s/my%%20store" % self.work}, ["texts"])
        self.assertTrue((self.work / "my store" / "texts").is_dir())

    def test_endpoints_that_make_no_sense_say_so(self):
        for endpoint in ("ftp://host/", "file:", "file://host/folder"):
            with self.assertRaisesRegex(ValueError, "STORAGE_ENDPOINT '%s'.* use " % endpoint):
                store.ObjectStore({"STORAGE_ENDPOINT": endpoint}, [])
