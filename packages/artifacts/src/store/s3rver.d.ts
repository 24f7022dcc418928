/** The part of s3rver's surface that tests use; it brings no types of its own. */
declare module "s3rver" {
  interface Options {
    port: number;
    silent: boolean;
    directory: string;
    configureBuckets: { name: string }[];
  }
  export default class S3rver {
    constructor(options: Options);
    run(): Promise<unknown>;
    close(): Promise<void>;
  }
}
