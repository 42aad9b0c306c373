import io
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from unittest import mock

from object_store import store

from .contract import CONTEXT, StoreContract
from .support import S3Server, WorkingDirectory


class S3StoreTests(StoreContract, WorkingDirectory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.server = S3Server(folder.name)
        cls.addClassCleanup(cls.server.stop)
        cls.addClassCleanup(lambda: store.ObjectStore(cls.server.config, [])._backend._client.close())

    def setUp(self):
        super().setUp()
        self.config = self.server.config

    def client_error(self, code, operation):
        from botocore.exceptions import ClientError

        return ClientError({"Error": {"Code": code, "Message": "said the store"}}, operation)

    def test_endpoints_with_and_without_a_scheme_are_one_store(self):
        self.write("texts/scheme", b"x")
        store.ObjectStore(self.config, ["texts"]).put_sync(CONTEXT, "texts", "scheme")
        with_scheme = dict(self.config, STORAGE_ENDPOINT="http://%s/" % self.server.address)
        store.ObjectStore(with_scheme, []).get_sync(CONTEXT, "texts", "scheme")

    def test_a_wrong_key_keeps_its_code(self):
        with self.assertRaises(store.ObjectStoreError) as raised:
            store.ObjectStore(dict(self.config, AWS_ACCESS_KEY_ID="WRONG", AWS_SECRET_ACCESS_KEY="geheim"), ["texts"])
        self.assertEqual(raised.exception.code, "InvalidAccessKeyId")
        self.assertNotIn("geheim", str(raised.exception))

    def test_a_store_that_is_not_there(self):
        objects = store.ObjectStore(dict(self.config, STORAGE_ENDPOINT="127.0.0.1:9"), [])
        with self.assertRaises(store.ObjectStoreError) as raised:
            objects.get_sync(CONTEXT, "texts", "a")
        self.assertEqual(raised.exception.code, "EndpointConnectionError")
        self.assertEqual(raised.exception.meta, {"key": "texts/a"})

    def test_buckets_that_exist_for_keys_that_may_not_make_them(self):
        objects = store.ObjectStore(self.config, ["granted"])
        client = objects._backend._client
        for code in ("BucketAlreadyExists", "BucketAlreadyOwnedByYou", "AccessDenied", "OperationAborted"):
            with mock.patch.object(client, "create_bucket", side_effect=self.client_error(code, "CreateBucket")):
                store.ObjectStore(self.config, ["granted"])
        with mock.patch.object(client, "create_bucket", side_effect=self.client_error("AccessDenied", "CreateBucket")):
            with self.assertRaises(store.ObjectStoreError) as raised:
                store.ObjectStore(self.config, ["refused"])
        self.assertEqual(raised.exception.code, "AccessDenied")

    def test_a_refused_read_keeps_its_code(self):
        objects = store.ObjectStore(self.config, ["texts"])
        with mock.patch.object(objects._backend._client, "get_object", side_effect=self.client_error("AccessDenied", "GetObject")):
            with self.assertRaisesRegex(store.ObjectStoreError, "said the store") as raised:
                objects.get_sync(CONTEXT, "texts", "a")
        self.assertEqual((raised.exception.code, raised.exception.meta), ("AccessDenied", {"key": "texts/a"}))

    def test_a_download_that_breaks_off_is_begun_again(self):
        from botocore.response import StreamingBody

        def answer(content):
            return {"Body": StreamingBody(io.BytesIO(content), 6), "ContentLength": 6, "ETag": '"e"'}

        objects = store.ObjectStore(self.config, ["texts"])
        client = objects._backend._client
        with mock.patch.object(client, "get_object", side_effect=[answer(b"who"), answer(b"w"), answer(b"whole!")]):
            objects.get_sync(CONTEXT, "texts", "a")
        with open("texts/a", "rb") as got:
            self.assertEqual(got.read(), b"whole!")
        with mock.patch.object(client, "get_object", side_effect=[answer(b"who"), answer(b"w"), answer(b"")]):
            with self.assertRaises(store.ObjectStoreError) as raised:
                objects.get_sync(CONTEXT, "texts", "a")
        self.assertEqual(raised.exception.code, "IncompleteReadError")

    def test_a_broken_upload_in_parts_is_aborted(self):
        objects = store.ObjectStore(self.config, ["films"])
        self.write("films/broken", b"x" * (17 << 20))
        client = objects._backend._client
        with mock.patch.object(client, "upload_part", side_effect=self.client_error("InternalError", "UploadPart")):
            with mock.patch.object(client, "abort_multipart_upload") as abort:
                with self.assertRaises(store.ObjectStoreError) as raised:
                    objects.put_sync(CONTEXT, "films", "broken")
        self.assertEqual(raised.exception.code, "InternalError")
        abort.assert_called_once_with(Bucket="films", Key="broken", UploadId=mock.ANY)

    def test_a_store_that_is_busy_is_asked_again(self):
        answers = [503, 503, 200]

        class Busy(BaseHTTPRequestHandler):
            def do_PUT(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(answers.pop(0))
                self.send_header("ETag", '"e"')
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        with HTTPServer(("127.0.0.1", 0), Busy) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            self.addCleanup(thread.join)
            self.addCleanup(server.shutdown)
            self.write("texts/a", b"1")
            objects = store.ObjectStore(dict(self.config, STORAGE_ENDPOINT="127.0.0.1:%d" % server.server_port), [])
            # The pauses between two tries are boto3's business.
            with mock.patch("time.sleep"):
                objects.put_sync(CONTEXT, "texts", "a")
            objects._backend._client.close()
            server.shutdown()
        self.assertEqual(answers, [])
