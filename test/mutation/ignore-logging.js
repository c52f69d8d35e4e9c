import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

/** What is written into the log is for people to read: no behaviour that a test should hold word by word. */
const logging = {
  /** @param {import('@stryker-mutator/api/ignore').NodePath} path */
  shouldIgnore(path) {
    if (!path.isCallExpression()) return undefined;
    const { callee } = path.node;
    if (callee.type !== 'MemberExpression') return undefined;
    const { object } = callee;
    const name = object.type === 'Identifier' ? object.name : object.type === 'MemberExpression' ? object.property.name : '';
    return name === 'logger' ? 'a line of the log' : undefined;
  },
};

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'logging', logging)];
