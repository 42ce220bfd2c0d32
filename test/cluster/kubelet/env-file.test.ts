/** Which environment files are understood, and what stands in them. */
import { expect, test } from 'vitest'
import { valueIn } from '../../../src-main/cluster/kubelet/env-file.js'

test.each<[string, string, string | undefined]>([
  ['a value in single quotes', "KEY='value'", 'value'],
  ['the first of two', "KEY='one'\nKEY='two'", 'one'],
  ['blanks before the name', "  \tKEY='value'", 'value'],
  ['blank lines and comments before it', "\n  \n# KEY='no'\nKEY='value'", 'value'],
  ['several lines', "KEY='one\n  two\n\n# three'\n", 'one\n  two\n\n# three'],
  ['nothing is expanded', 'KEY=\'$HOME \\n "x" # y\'', '$HOME \\n "x" # y'],
  ['a comment after the value', "KEY='value' # why", 'value'],
  ['a comment right after the value', "KEY='value'#why", 'value'],
  ['line ends of Windows', "OTHER='x'\r\nKEY='value'\r\n", 'value'],
  ['an empty value', "KEY=''", ''],
  ['no such key', "OTHER='x'", ''],
  ['an empty file', '', ''],
  ['a blank after the sign is an empty value', "KEY= 'value'", ''],
  ['what comes after the key is not read', "KEY='value'\nnonsense", 'value'],
  ['no quotes', 'KEY=value', undefined],
  ['nothing after the sign', 'KEY=', undefined],
  ['double quotes', 'KEY="value"', undefined],
  ['two strings side by side', "KEY='a''b'", undefined],
  ['something after the value', "KEY='a'$OTHER", undefined],
  ['a quote that is not closed', "KEY='a\nb\n", undefined],
  ['a blank before the sign', "KEY ='value'", undefined],
  ['no name', "='value'", undefined],
  ['no sign', "nonsense\nKEY='value'", undefined],
  ['a line before it that is not understood', "OTHER=x\nKEY='value'", undefined],
])('%s', (_what, text, value) => {
  expect(valueIn(text, 'KEY')).toBe(value)
})
