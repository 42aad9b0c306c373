/** Where the store is and with which keys. A member that is absent is taken from the environment variable of its name; without an endpoint put, get and remove do nothing. */
export interface StoreConfig {
  /** `http(s)://host:port`, `host:port` (plain http), `file:DIR` or `file:///abs/dir`. */
  STORAGE_ENDPOINT?: string;
  AWS_ACCESS_KEY_ID?: string;
  AWS_SECRET_ACCESS_KEY?: string;
}

/** An action's `args.context`. */
export interface Context {
  action_id: string;
  orch_id: string;
}

/** The settings of the environment. */
export function fromEnvironment(): StoreConfig;

/** Moves local files named `bucket/file` to and from the store; inside an `action` it also notes which. */
export class ObjectStore {
  /** @param buckets names of buckets, which are made with the first call; already existing is fine. */
  constructor(config?: StoreConfig | null, buckets?: Iterable<string>);
  /** Uploads the local file `bucket/fileName` to that bucket and key. */
  put(context: Context | undefined | null, bucket: string, fileName: string): Promise<void>;
  /** Downloads the object to the local file `bucket/fileName`; throws NoSuchKey when it is not there. */
  get(context: Context | undefined | null, bucket: string, fileName: string): Promise<void>;
  /** Removes the object; it is no error when it is not there. */
  remove(context: Context | undefined | null, bucket: string, fileName: string): Promise<void>;
}

/** An error of the store: `code` is the S3 error code, `meta` has the object. */
export class ObjectStoreError extends Error {
  code: string;
  meta: { key: string } | null;
}

/** The object is not there: `code` is "NoSuchKey", by which the orchestrator knows to make it again. */
export class NoSuchKey extends ObjectStoreError {}

/** A later writer of a shared object was there: `code` is "FencingTokenStale". */
export class FencingTokenStale extends ObjectStoreError {}

/** Makes a function an action: an exception becomes `{error: {code, message, meta}}`, and the reply tells the orchestrator what was read and written. */
export function action<A extends object, R extends object>(main: (args: A) => R | Promise<R>): (args: A) => Promise<R>;
