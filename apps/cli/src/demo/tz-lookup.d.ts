declare module "tz-lookup" {
  /** IANA time zone at a point, degrees. */
  export default function tzlookup(latitude: number, longitude: number): string;
}
