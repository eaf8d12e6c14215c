"""The C interface for ctypes. Written by scripts/gen-python-ffi from include/smg.h: do not edit."""

from __future__ import annotations

import ctypes

SMG_VERSION_MAJOR = 0
SMG_VERSION_MINOR = 1
SMG_VERSION_PATCH = 0
SMG_ABI_VERSION = 1
SMG_FOREVER = -1
SMG_CONFIGURED_GRACE = -1
SMG_MAX_GATEWAYS = 256
SMG_MAX_TOKENIZERS = 1024
SMG_MAX_STREAMS = 65536
SMG_HANDLE_NAMES = 131072
SMG_OK = 0
SMG_E_ARGUMENT = -100
SMG_E_STATE = -101
SMG_E_FORKED = -102
SMG_E_CONFIG = -200
SMG_E_CONFIG_SYNTAX = -201
SMG_E_CONFIG_OPTION = -202
SMG_E_CONFIG_VALUE = -203
SMG_E_CONFIG_CONFLICT = -204
SMG_E_CONFIG_FILE = -205
SMG_E_NETWORK = -300
SMG_E_ADDRESS_IN_USE = -301
SMG_E_NAME_NOT_RESOLVED = -302
SMG_E_PERMISSION = -303
SMG_E_TLS = -304
SMG_E_WORKER = -400
SMG_E_WORKER_NOT_FOUND = -401
SMG_E_WORKER_EXISTS = -402
SMG_E_WORKER_INVALID = -403
SMG_E_LIMIT = -500
SMG_E_TIMEOUT = -600
SMG_E_INTERNAL = -700
SMG_E_TOKENIZER = -800
SMG_E_TOKENIZER_SOURCE = -801
SMG_E_TOKENIZER_FORMAT = -802
SMG_E_TOKEN_UNKNOWN = -803
SMG_E_TEMPLATE = -804
SMG_E_PARSER_UNKNOWN = -900
SMG_LOG_DEBUG = 0
SMG_LOG_INFO = 1
SMG_LOG_WARN = 2
SMG_LOG_ERROR = 3
SMG_ADD_SPECIAL_TOKENS = 1
SMG_SKIP_SPECIAL_TOKENS = 1


class smg_bytes(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("len", ctypes.c_size_t)]


class smg_buffer(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("len", ctypes.c_size_t)]


class smg_tokens(ctypes.Structure):
    _fields_ = [("ids", ctypes.POINTER(ctypes.c_uint32)), ("len", ctypes.c_size_t)]


smg_log_fn = ctypes.CFUNCTYPE(None, ctypes.c_int32, smg_bytes, ctypes.c_void_p)
smg_release_fn = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


# Name: (result type, argument types).
FUNCTIONS: dict[str, tuple] = {
    "smg_version": (ctypes.c_char_p, ()),
    "smg_abi_version": (ctypes.c_int32, ()),
    "smg_build_info": (ctypes.c_char_p, ()),
    "smg_config_schema": (ctypes.c_char_p, ()),
    "smg_status_name": (ctypes.c_char_p, (ctypes.c_int32,)),
    "smg_buffer_destroy": (None, (ctypes.POINTER(smg_buffer),)),
    "smg_error_code": (ctypes.c_int32, (ctypes.c_void_p,)),
    "smg_error_name": (ctypes.c_char_p, (ctypes.c_void_p,)),
    "smg_error_message": (ctypes.c_char_p, (ctypes.c_void_p,)),
    "smg_error_detail_json": (ctypes.c_char_p, (ctypes.c_void_p,)),
    "smg_error_retryable": (ctypes.c_int32, (ctypes.c_void_p,)),
    "smg_error_destroy": (None, (ctypes.c_void_p,)),
    "smg_gateway_create": (
        ctypes.c_int32,
        (
            smg_bytes,
            ctypes.POINTER(ctypes.c_void_p),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_gateway_create_from_arguments": (
        ctypes.c_int32,
        (
            ctypes.POINTER(ctypes.c_char_p),
            ctypes.c_size_t,
            ctypes.c_int32,
            ctypes.POINTER(ctypes.c_void_p),
            ctypes.POINTER(smg_buffer),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_gateway_start": (ctypes.c_int32, (ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p))),
    "smg_gateway_stop": (ctypes.c_int32, (ctypes.c_void_p, ctypes.c_int64, ctypes.POINTER(ctypes.c_void_p))),
    "smg_gateway_wait": (ctypes.c_int32, (ctypes.c_void_p, ctypes.c_int64, ctypes.POINTER(ctypes.c_void_p))),
    "smg_gateway_destroy": (None, (ctypes.c_void_p,)),
    "smg_gateway_port": (ctypes.c_int32, (ctypes.c_void_p,)),
    "smg_gateway_metrics_port": (ctypes.c_int32, (ctypes.c_void_p,)),
    "smg_gateway_address": (
        ctypes.c_int32,
        (
            ctypes.c_void_p,
            ctypes.POINTER(smg_buffer),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_gateway_worker_add": (
        ctypes.c_int32,
        (
            ctypes.c_void_p,
            smg_bytes,
            ctypes.POINTER(smg_buffer),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_gateway_worker_remove": (ctypes.c_int32, (ctypes.c_void_p, smg_bytes, ctypes.POINTER(ctypes.c_void_p))),
    "smg_gateway_workers": (
        ctypes.c_int32,
        (
            ctypes.c_void_p,
            ctypes.POINTER(smg_buffer),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_gateway_stats": (
        ctypes.c_int32,
        (
            ctypes.c_void_p,
            ctypes.POINTER(smg_buffer),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_gateway_set_log": (
        ctypes.c_int32,
        (
            ctypes.c_void_p,
            ctypes.c_int32,
            smg_log_fn,
            ctypes.c_void_p,
            smg_release_fn,
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_tokenizer_create_from_file": (
        ctypes.c_int32,
        (
            smg_bytes,
            smg_bytes,
            ctypes.POINTER(ctypes.c_void_p),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_tokenizer_create_from_bytes": (
        ctypes.c_int32,
        (
            smg_bytes,
            smg_bytes,
            ctypes.POINTER(ctypes.c_void_p),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_tokenizer_create_from_pretrained": (
        ctypes.c_int32,
        (
            smg_bytes,
            smg_bytes,
            ctypes.POINTER(ctypes.c_void_p),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_tokenizer_create_from_tiktoken": (
        ctypes.c_int32,
        (
            smg_bytes,
            smg_bytes,
            smg_bytes,
            ctypes.POINTER(ctypes.c_void_p),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_tokenizer_destroy": (None, (ctypes.c_void_p,)),
    "smg_tokenizer_encode": (
        ctypes.c_int32,
        (
            ctypes.c_void_p,
            smg_bytes,
            ctypes.c_int32,
            ctypes.POINTER(smg_tokens),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_tokenizer_encode_batch": (
        ctypes.c_int32,
        (
            ctypes.c_void_p,
            ctypes.POINTER(smg_bytes),
            ctypes.c_size_t,
            ctypes.c_int32,
            ctypes.POINTER(smg_tokens),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_tokenizer_count_tokens": (
        ctypes.c_int32,
        (
            ctypes.c_void_p,
            smg_bytes,
            ctypes.c_int32,
            ctypes.POINTER(ctypes.c_size_t),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_tokenizer_decode": (
        ctypes.c_int32,
        (
            ctypes.c_void_p,
            ctypes.POINTER(ctypes.c_uint32),
            ctypes.c_size_t,
            ctypes.c_int32,
            ctypes.POINTER(smg_buffer),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_tokenizer_token_to_id": (
        ctypes.c_int32,
        (
            ctypes.c_void_p,
            smg_bytes,
            ctypes.POINTER(ctypes.c_uint32),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_tokenizer_id_to_token": (
        ctypes.c_int32,
        (
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.POINTER(smg_buffer),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_tokenizer_info": (
        ctypes.c_int32,
        (
            ctypes.c_void_p,
            ctypes.POINTER(smg_buffer),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_tokenizer_vocabulary": (
        ctypes.c_int32,
        (
            ctypes.c_void_p,
            ctypes.POINTER(smg_buffer),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_tokenizer_apply_chat_template": (
        ctypes.c_int32,
        (
            ctypes.c_void_p,
            smg_bytes,
            ctypes.POINTER(smg_buffer),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_tokens_destroy": (None, (ctypes.POINTER(smg_tokens),)),
    "smg_decoder_create": (
        ctypes.c_int32,
        (
            ctypes.c_void_p,
            smg_bytes,
            ctypes.POINTER(ctypes.c_void_p),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_decoder_step": (
        ctypes.c_int32,
        (
            ctypes.c_void_p,
            ctypes.POINTER(ctypes.c_uint32),
            ctypes.c_size_t,
            ctypes.POINTER(smg_buffer),
            ctypes.POINTER(ctypes.c_int32),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_decoder_finish": (
        ctypes.c_int32,
        (
            ctypes.c_void_p,
            ctypes.POINTER(smg_buffer),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_decoder_destroy": (None, (ctypes.c_void_p,)),
    "smg_parser_names": (ctypes.c_char_p, ()),
    "smg_parser_create": (
        ctypes.c_int32,
        (
            smg_bytes,
            ctypes.POINTER(ctypes.c_void_p),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_parser_feed": (
        ctypes.c_int32,
        (
            ctypes.c_void_p,
            smg_bytes,
            ctypes.POINTER(smg_buffer),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_parser_finish": (
        ctypes.c_int32,
        (
            ctypes.c_void_p,
            ctypes.POINTER(smg_buffer),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
    "smg_parser_destroy": (None, (ctypes.c_void_p,)),
    "smg_parser_parse": (
        ctypes.c_int32,
        (
            smg_bytes,
            smg_bytes,
            ctypes.POINTER(smg_buffer),
            ctypes.POINTER(ctypes.c_void_p),
        ),
    ),
}


def declare(library: ctypes.CDLL) -> None:
    """Gives every function its types. Raises AttributeError for one that the library lacks."""
    for name, (result, arguments) in FUNCTIONS.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
