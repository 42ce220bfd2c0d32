/** The builtins that are short to say in jq itself, with the meaning that the manual gives them. */
import type { Env } from './scope.js'
import { parse } from './parse.js'
import { type Expression } from './syntax.js'

const DEFINITIONS = `
def map(f): [.[] | f];
def map_values(f): .[] |= f;
def select(f): if f then . else empty end;
def recurse(f): def r: ., (f | r); r;
def recurse(f; cond): def r: ., (f | select(cond) | r); r;
def values: select(. != null);
def nulls: select(. == null);
def booleans: select(type == "boolean");
def numbers: select(type == "number");
def strings: select(type == "string");
def arrays: select(type == "array");
def objects: select(type == "object");
def iterables: select(type == "array" or type == "object");
def scalars: select(type != "array" and type != "object");
def to_entries: [keys_unsorted[] as $k | {key: $k, value: .[$k]}];
def from_entries: reduce .[] as $x ({}; . + {($x | if .key == null then .k // .name // .Name // .K // .Key else .key end | if type == "string" then . else tojson end): ($x | if has("value") then .value elif has("v") then .v else .Value end)});
def with_entries(f): to_entries | map(f) | from_entries;
def del(f): delpaths([path(f)]);
def paths: path(..) | select(length > 0);
def paths(f): . as $v | paths | select(. as $p | $v | getpath($p) | f);
def leaf_paths: paths(scalars);
def pick(f): . as $v | reduce path(f) as $p (null; setpath($p; $v | getpath($p)));
def add(f): reduce f as $x (null; . + $x);
def any: any(.[]; .);
def all: all(.[]; .);
def any(f): any(.[]; f);
def all(f): all(.[]; f);
def any(g; f): isempty(first(g | f | select(.))) | not;
def all(g; f): isempty(first(g | f | select(. | not)));
def in(x): . as $k | x | has($k);
def inside(x): . as $v | x | contains($v);
def isvalid(f): try (f | true) catch false;
def first: .[0];
def last: .[-1];
def last(f): reduce f as $x (null; $x);
def nth($n): .[$n];
def nth($n; f): if $n < 0 then error("Out of bounds negative array index") else first(skip($n; f)) end;
def combinations: if length == 0 then [] else .[0][] as $x | (.[1:] | combinations) as $rest | [$x] + $rest end;
def combinations(n): . as $v | [range(n)] | map($v) | combinations;
def walk(f): def w: if type == "object" then map_values(w) elif type == "array" then map(w) else . end | f; w;
def transpose: if . == [] then [] else . as $rows | (map(length) | max) as $n | [range($n) as $i | [$rows[][$i]]] end;
def ascii: [.] | implode;
def todate: strftime("%Y-%m-%dT%H:%M:%SZ");
def fromdateiso8601: strptime("%Y-%m-%dT%H:%M:%SZ") | mktime;
def todateiso8601: todate;
def fromdate: fromdateiso8601;
def date: todate;
def dateadd(u; n): . + n;
def datesub(u; n): . - n;
def finites: select(isfinite);
def normals: select(isnormal);
def capture(re): capture(re; null);
def capture(re; flags): match(re; flags) | [.captures[] | select(.name != null) | {key: .name, value: .string}] | from_entries;
def scan(re): scan(re; null);
def scan(re; flags): match(re; "g" + flags) | if (.captures | length) > 0 then [.captures[].string] else .string end;
def splits(re): splits(re; null);
def splits(re; flags): split(re; flags) | .[];
def tostream: path(def r: (.[]? | r), .; r) as $p | getpath($p) | reduce path(.[]?) as $q ([$p, .]; [$p + $q]);
def fromstream(f): {x: null, e: false} as $init | foreach f as $i ($init; if .e then $init else . end | if $i | length == 2 then setpath(["e"]; $i[0] | length == 0) | setpath(["x"] + $i[0]; $i[1]) else setpath(["e"]; $i[0] | length == 1) end; if .e then .x else empty end);
def truncate_stream(f): . as $n | null | f | . as $in | if (.[0] | length) > $n then setpath([0]; .[0][$n:]) else empty end;
def repeat(f): def r: f, r; r;
def JOIN($index; key): [.[] | [., $index[key]]];
def JOIN($index; stream; key): stream | [., $index[key]];
def JOIN($index; stream; key; joined): stream | [., $index[key]] | joined;
def isfinite: type == "number" and (isinfinite | not);
def IN(s): any(s == .; .);
def IN(src; s): any(src == s; .);
def INDEX(f): INDEX(.[]; f);
def INDEX(stream; f): reduce stream as $row ({}; . + {($row | f | tostring): $row});
def inputs: def r: (try input catch (if . == "No more inputs" then empty else error end)) | (., r); r;
def halt_error: halt_error(5);
def abs: if type == "number" and . < 0 then -. else . end;
def toarray: if type == "array" then . else [.] end;
def have_literal_numbers: true;
def have_decnum: false;
def min_by(f): if length == 0 then null else sort_by(f) | .[0] end;
def max_by(f): if length == 0 then null else sort_by(f) | .[-1] end;
def min: min_by(.);
def max: max_by(.);
def unique: unique_by(.);
def unique_by(f): [group_by(f)[] | .[0]];
def error(f): f | error;
def debug(f): (f | debug | empty), .;
def env: $ENV;
`

let scope: Env | undefined

/** The scope of the builtins: parsed at the first use. */
export function prelude(): Env {
  scope ??= scopeOf(parse(DEFINITIONS))
  return scope
}

function scopeOf(program: Expression): Env {
  const functions = new Map<string, { params: readonly string[]; body: Expression; env: Env }>()
  const env: Env = { functions }
  for (let e = program; e.type === 'define'; e = e.rest)
    functions.set(`${e.name}/${e.params.length}`, { params: e.params, body: e.body, env })
  return env
}
