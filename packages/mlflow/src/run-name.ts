import { randomInt } from "node:crypto";

const HOW =
  "able bold brave bright calm clean clever cosmic crisp eager fair fast fine firm fresh gentle glad grand happy keen kind lively lucid mellow merry neat nimble noble plain polite proud quick quiet rapid ready rich sharp silent sleek smart smooth solid steady stout swift tidy vivid warm wise witty".split(
    " ",
  );
const WHAT =
  "ant asp auk bass bat bear bee boar bug carp cat cod colt cow crab crane crow cub deer doe dog dove duck eel elk emu ewe fawn fish flea foal fox frog gnat goat goose grouse gull hare hawk hen hog horse jay kit lamb lark loon lynx mare mink mole moose moth mouse mule newt owl pig pug quail ram rat ray seal shad shark sheep shrew shrike skink skunk slug smelt snail snake snipe sow squid stag steed stoat stork swan tern toad trout vole wasp whale wolf worm wren yak".split(
    " ",
  );

/** A name for a run or model that was given none, like MLflow's `wise-grub-924`. */
export function randomName(): string {
  return `${HOW[randomInt(HOW.length)]}-${WHAT[randomInt(WHAT.length)]}-${randomInt(1000)}`;
}
