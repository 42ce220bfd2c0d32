/** What selectors in queries select, and the words in which those that cannot be read are refused. */
import { describe, expect, it } from 'vitest'
import { parseFieldSelector } from '../../../../src-main/cluster/api/selectors/fields.js'
import { parseLabelSelector } from '../../../../src-main/cluster/api/selectors/labels.js'
import { kindOf, refusal } from '../kinds/support.js'

const VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
const WHOLE = "for 'Gt', 'Lt' operators, the value must be an integer"
const OPERATORS = 'in, notin, =, ==, !=, gt, lt'

describe('a label selector', () => {
  it.each([
    ['tier>3', { tier: '4' }, true],
    ['tier>3', { tier: '3' }, false],
    ['tier<3', { tier: '-7' }, true],
    ['tier<3', { tier: 'v2' }, false],
    ['tier<3', {}, false],
    ['big>9007199254740992', { big: '9007199254740993' }, true],
    ['tier<9', { tier: '99999999999999999999' }, false],
    ['notin=in', { notin: 'in' }, true],
    ['app in (in,notin, web)', { app: 'notin' }, true],
    ['app in (web,)', { app: '' }, true],
    ['app notin (, web)', { app: '' }, false],
    ['app in (,,web)', { app: 'web' }, true],
    ['app notin ()', {}, true],
    ['app in (),\ttier', { app: '', tier: 'x' }, true],
    ['\r!app\n, tier != back', { tier: 'front' }, true],
    ['0.dom.ain/9 notin\t(10.0.0.1)', { '0.dom.ain/9': '10.0.0.2' }, true],
    ['app= ', { app: '' }, true],
    [' ', { app: 'web' }, true],
  ] as [string, Record<string, string>, boolean][])('%j of %j: %j', (text, labels, selected) => {
    expect(parseLabelSelector(text)?.(labels) ?? true).toBe(selected)
  })

  it.each([
    ['app=web||tier=x', `unable to parse requirement: values[0][app]: Invalid value: "web||tier": ${VALUE}`],
    ['app==web==x', "found '==', expected: ',' or 'end of string'"],
    ['!app=web', "found '=', expected: ',' or 'end of string'"],
    ['app=web tier', "found 'tier', expected: ',' or 'end of string'"],
    [',app', "found ',', expected: !, identifier, or 'end of string'"],
    ['(', "found '(', expected: !, identifier, or 'end of string'"],
    ['app,,tier', "found ',', expected: identifier after ','"],
    ['app in (web),', "found '', expected: identifier after ','"],
    ['!!app', "unable to parse requirement: found '!', expected: identifier"],
    ['app not in (web)', `unable to parse requirement: found 'not', expected: ${OPERATORS}`],
    ['app (', `unable to parse requirement: found '(', expected: ${OPERATORS}`],
    ['app in web', "unable to parse requirement: found 'web' expected: '('"],
    ['app notin(', "unable to parse requirement: found '', expected: ',', ')' or identifier"],
    ['app in (web x)', "unable to parse requirement: found 'x', expected: ',' or ')'"],
    ['app in (web,(', "unable to parse requirement: found '(', expected: ',', or identifier"],
    ['app=!', "unable to parse requirement: found '!', expected: identifier"],
    ['tier>high', `unable to parse requirement: values[0]: Invalid value: "high": ${WHOLE}`],
    ['tier>', `unable to parse requirement: values[0]: Invalid value: "": ${WHOLE}`],
    ['tier<9223372036854775808', `unable to parse requirement: values[0]: Invalid value: "9223372036854775808": ${WHOLE}`],
    ['tier>-1', `unable to parse requirement: values[0][tier]: Invalid value: "-1": ${VALUE}`],
    ['tier>_', `unable to parse requirement: [values[0]: Invalid value: "_": ${WHOLE}, values[0][tier]: Invalid value: "_": ${VALUE}]`],
    [
      'app in (web,-b,-a,-b)',
      `unable to parse requirement: [values[0][app]: Invalid value: "-a": ${VALUE}, values[1][app]: Invalid value: "-b": ${VALUE}]`,
    ],
  ])('%j is refused', (text, message) => {
    expect(refusal(() => parseLabelSelector(text))).toBe(message)
  })
})

describe('a field selector', () => {
  const kind = kindOf('v1', 'ConfigMap')
  const named = (name: string): never => ({ metadata: { name } }) as never

  it.each([
    ['metadata.name=a', 'a', true],
    ['metadata.name==a', 'a', true],
    ['metadata.name!=a', 'a', false],
    ['metadata.name=a\\,b\\=c\\\\', 'a,b=c\\', true],
    [',metadata.name=a,', 'a', true],
    [',', 'a', true],
  ])('%j of the object %j: %j', (text, name, selected) => {
    expect(parseFieldSelector(text, kind)?.matches(named(name)) ?? true).toBe(selected)
  })

  it.each([
    ['metadata.name', "invalid selector: 'metadata.name'; can't understand 'metadata.name'"],
    ['metadata.name=a,b', "invalid selector: 'metadata.name=a,b'; can't understand 'b'"],
    ['metadata.name=a=b', 'invalid field selector: unescaped character in value: 61'],
    ['metadata.name=a\\b', 'invalid field selector: invalid escape sequence: \\b'],
    ['metadata.name=a\\', 'invalid field selector: invalid escape sequence: \\'],
    ['metadata\\.name\\=a=b', 'invalid field selector: unescaped character in value: 61'],
    ['z=1,b=1', '"b" is not a known field selector: only "metadata.name", "metadata.namespace"'],
    ['z,b=1', "invalid selector: 'z,b=1'; can't understand 'z'"],
  ])('%j is refused', (text, message) => {
    expect(refusal(() => parseFieldSelector(text, kind))).toBe(message)
  })
})
