# Stands in for Node's own common.gypi where a Node came without headers: all that an addon on Node-API needs.
{
  'variables': {
    'visibility%': 'default',
    'node_engine%': 'v8',
    'node_with_ltcg%': 'false',
    'openssl_fips%': '',
    'llvm_version%': '0.0',
  },
  'target_defaults': {
    'default_configuration': 'Release',
    'configurations': {
      'Debug': { 'cflags': ['-g', '-O0'] },
      'Release': { 'cflags': ['-O3'], 'xcode_settings': { 'GCC_OPTIMIZATION_LEVEL': '3' } },
    },
    'cflags': ['-fPIC', '-pthread'],
    'cflags_cc': ['-std=gnu++17', '-fno-rtti', '-fno-exceptions'],
    'ldflags': ['-pthread'],
    'xcode_settings': {
      'ALWAYS_SEARCH_USER_PATHS': 'NO',
      'CLANG_CXX_LANGUAGE_STANDARD': 'gnu++17',
      'CLANG_CXX_LIBRARY': 'libc++',
      'GCC_ENABLE_CPP_RTTI': 'NO',
      'GCC_ENABLE_CPP_EXCEPTIONS': 'NO',
    },
  },
}
