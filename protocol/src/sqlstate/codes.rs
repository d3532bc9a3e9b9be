//! The SQLSTATEs that PostgreSQL knows, as constants and with their conditions' names.
//!
//! Generated from the lists of PostgreSQL 18.4 by `cargo run -p dblink-tests --bin generate`.
//!
//! PostgreSQL manual: [PostgreSQL Error Codes](https://www.postgresql.org/docs/current/errcodes-appendix.html).

use super::SqlState;

impl SqlState {
    /// `00000` `successful_completion`. Class 00: Successful Completion.
    pub const SUCCESSFUL_COMPLETION: Self = Self::new(b"00000");
    /// `01000` `warning`. Class 01: Warning.
    pub const WARNING: Self = Self::new(b"01000");
    /// `01003` `null_value_eliminated_in_set_function`. Class 01: Warning.
    pub const WARNING_NULL_VALUE_ELIMINATED_IN_SET_FUNCTION: Self = Self::new(b"01003");
    /// `01004` `string_data_right_truncation`. Class 01: Warning.
    pub const WARNING_STRING_DATA_RIGHT_TRUNCATION: Self = Self::new(b"01004");
    /// `01006` `privilege_not_revoked`. Class 01: Warning.
    pub const WARNING_PRIVILEGE_NOT_REVOKED: Self = Self::new(b"01006");
    /// `01007` `privilege_not_granted`. Class 01: Warning.
    pub const WARNING_PRIVILEGE_NOT_GRANTED: Self = Self::new(b"01007");
    /// `01008` `implicit_zero_bit_padding`. Class 01: Warning.
    pub const WARNING_IMPLICIT_ZERO_BIT_PADDING: Self = Self::new(b"01008");
    /// `0100C` `dynamic_result_sets_returned`. Class 01: Warning.
    pub const WARNING_DYNAMIC_RESULT_SETS_RETURNED: Self = Self::new(b"0100C");
    /// `01P01` `deprecated_feature`. Class 01: Warning.
    pub const WARNING_DEPRECATED_FEATURE: Self = Self::new(b"01P01");
    /// `02000` `no_data`. Class 02: No Data (this is also a warning class per the SQL standard).
    pub const NO_DATA: Self = Self::new(b"02000");
    /// `02001` `no_additional_dynamic_result_sets_returned`. Class 02: No Data (this is also a warning class per the SQL standard).
    pub const NO_ADDITIONAL_DYNAMIC_RESULT_SETS_RETURNED: Self = Self::new(b"02001");
    /// `03000` `sql_statement_not_yet_complete`. Class 03: SQL Statement Not Yet Complete.
    pub const SQL_STATEMENT_NOT_YET_COMPLETE: Self = Self::new(b"03000");
    /// `08000` `connection_exception`. Class 08: Connection Exception.
    pub const CONNECTION_EXCEPTION: Self = Self::new(b"08000");
    /// `08001` `sqlclient_unable_to_establish_sqlconnection`. Class 08: Connection Exception.
    pub const SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION: Self = Self::new(b"08001");
    /// `08003` `connection_does_not_exist`. Class 08: Connection Exception.
    pub const CONNECTION_DOES_NOT_EXIST: Self = Self::new(b"08003");
    /// `08004` `sqlserver_rejected_establishment_of_sqlconnection`. Class 08: Connection Exception.
    pub const SQLSERVER_REJECTED_ESTABLISHMENT_OF_SQLCONNECTION: Self = Self::new(b"08004");
    /// `08006` `connection_failure`. Class 08: Connection Exception.
    pub const CONNECTION_FAILURE: Self = Self::new(b"08006");
    /// `08007` `transaction_resolution_unknown`. Class 08: Connection Exception.
    pub const TRANSACTION_RESOLUTION_UNKNOWN: Self = Self::new(b"08007");
    /// `08P01` `protocol_violation`. Class 08: Connection Exception.
    pub const PROTOCOL_VIOLATION: Self = Self::new(b"08P01");
    /// `09000` `triggered_action_exception`. Class 09: Triggered Action Exception.
    pub const TRIGGERED_ACTION_EXCEPTION: Self = Self::new(b"09000");
    /// `0A000` `feature_not_supported`. Class 0A: Feature Not Supported.
    pub const FEATURE_NOT_SUPPORTED: Self = Self::new(b"0A000");
    /// `0B000` `invalid_transaction_initiation`. Class 0B: Invalid Transaction Initiation.
    pub const INVALID_TRANSACTION_INITIATION: Self = Self::new(b"0B000");
    /// `0F000` `locator_exception`. Class 0F: Locator Exception.
    pub const LOCATOR_EXCEPTION: Self = Self::new(b"0F000");
    /// `0F001` `invalid_locator_specification`. Class 0F: Locator Exception.
    pub const L_E_INVALID_SPECIFICATION: Self = Self::new(b"0F001");
    /// `0L000` `invalid_grantor`. Class 0L: Invalid Grantor.
    pub const INVALID_GRANTOR: Self = Self::new(b"0L000");
    /// `0LP01` `invalid_grant_operation`. Class 0L: Invalid Grantor.
    pub const INVALID_GRANT_OPERATION: Self = Self::new(b"0LP01");
    /// `0P000` `invalid_role_specification`. Class 0P: Invalid Role Specification.
    pub const INVALID_ROLE_SPECIFICATION: Self = Self::new(b"0P000");
    /// `0Z000` `diagnostics_exception`. Class 0Z: Diagnostics Exception.
    pub const DIAGNOSTICS_EXCEPTION: Self = Self::new(b"0Z000");
    /// `0Z002` `stacked_diagnostics_accessed_without_active_handler`. Class 0Z: Diagnostics Exception.
    pub const STACKED_DIAGNOSTICS_ACCESSED_WITHOUT_ACTIVE_HANDLER: Self = Self::new(b"0Z002");
    /// `10608` `invalid_argument_for_xquery`. Class 10: XQuery Error.
    pub const INVALID_ARGUMENT_FOR_XQUERY: Self = Self::new(b"10608");
    /// `20000` `case_not_found`. Class 20: Case Not Found.
    pub const CASE_NOT_FOUND: Self = Self::new(b"20000");
    /// `21000` `cardinality_violation`. Class 21: Cardinality Violation.
    pub const CARDINALITY_VIOLATION: Self = Self::new(b"21000");
    /// `22000` `data_exception`. Class 22: Data Exception.
    pub const DATA_EXCEPTION: Self = Self::new(b"22000");
    /// `22001` `string_data_right_truncation`. Class 22: Data Exception.
    pub const STRING_DATA_RIGHT_TRUNCATION: Self = Self::new(b"22001");
    /// `22002` `null_value_no_indicator_parameter`. Class 22: Data Exception.
    pub const NULL_VALUE_NO_INDICATOR_PARAMETER: Self = Self::new(b"22002");
    /// `22003` `numeric_value_out_of_range`. Class 22: Data Exception.
    pub const NUMERIC_VALUE_OUT_OF_RANGE: Self = Self::new(b"22003");
    /// `22004` `null_value_not_allowed`. Class 22: Data Exception.
    pub const NULL_VALUE_NOT_ALLOWED: Self = Self::new(b"22004");
    /// `22005` `error_in_assignment`. Class 22: Data Exception.
    pub const ERROR_IN_ASSIGNMENT: Self = Self::new(b"22005");
    /// `22007` `invalid_datetime_format`. Class 22: Data Exception.
    pub const INVALID_DATETIME_FORMAT: Self = Self::new(b"22007");
    /// `22008` `datetime_field_overflow`. Class 22: Data Exception.
    pub const DATETIME_FIELD_OVERFLOW: Self = Self::new(b"22008");
    /// `22008`. Class 22: Data Exception.
    pub const DATETIME_VALUE_OUT_OF_RANGE: Self = Self::new(b"22008");
    /// `22009` `invalid_time_zone_displacement_value`. Class 22: Data Exception.
    pub const INVALID_TIME_ZONE_DISPLACEMENT_VALUE: Self = Self::new(b"22009");
    /// `2200B` `escape_character_conflict`. Class 22: Data Exception.
    pub const ESCAPE_CHARACTER_CONFLICT: Self = Self::new(b"2200B");
    /// `2200C` `invalid_use_of_escape_character`. Class 22: Data Exception.
    pub const INVALID_USE_OF_ESCAPE_CHARACTER: Self = Self::new(b"2200C");
    /// `2200D` `invalid_escape_octet`. Class 22: Data Exception.
    pub const INVALID_ESCAPE_OCTET: Self = Self::new(b"2200D");
    /// `2200F` `zero_length_character_string`. Class 22: Data Exception.
    pub const ZERO_LENGTH_CHARACTER_STRING: Self = Self::new(b"2200F");
    /// `2200G` `most_specific_type_mismatch`. Class 22: Data Exception.
    pub const MOST_SPECIFIC_TYPE_MISMATCH: Self = Self::new(b"2200G");
    /// `2200H` `sequence_generator_limit_exceeded`. Class 22: Data Exception.
    pub const SEQUENCE_GENERATOR_LIMIT_EXCEEDED: Self = Self::new(b"2200H");
    /// `2200L` `not_an_xml_document`. Class 22: Data Exception.
    pub const NOT_AN_XML_DOCUMENT: Self = Self::new(b"2200L");
    /// `2200M` `invalid_xml_document`. Class 22: Data Exception.
    pub const INVALID_XML_DOCUMENT: Self = Self::new(b"2200M");
    /// `2200N` `invalid_xml_content`. Class 22: Data Exception.
    pub const INVALID_XML_CONTENT: Self = Self::new(b"2200N");
    /// `2200S` `invalid_xml_comment`. Class 22: Data Exception.
    pub const INVALID_XML_COMMENT: Self = Self::new(b"2200S");
    /// `2200T` `invalid_xml_processing_instruction`. Class 22: Data Exception.
    pub const INVALID_XML_PROCESSING_INSTRUCTION: Self = Self::new(b"2200T");
    /// `22010` `invalid_indicator_parameter_value`. Class 22: Data Exception.
    pub const INVALID_INDICATOR_PARAMETER_VALUE: Self = Self::new(b"22010");
    /// `22011` `substring_error`. Class 22: Data Exception.
    pub const SUBSTRING_ERROR: Self = Self::new(b"22011");
    /// `22012` `division_by_zero`. Class 22: Data Exception.
    pub const DIVISION_BY_ZERO: Self = Self::new(b"22012");
    /// `22013` `invalid_preceding_or_following_size`. Class 22: Data Exception.
    pub const INVALID_PRECEDING_OR_FOLLOWING_SIZE: Self = Self::new(b"22013");
    /// `22014` `invalid_argument_for_ntile_function`. Class 22: Data Exception.
    pub const INVALID_ARGUMENT_FOR_NTILE: Self = Self::new(b"22014");
    /// `22015` `interval_field_overflow`. Class 22: Data Exception.
    pub const INTERVAL_FIELD_OVERFLOW: Self = Self::new(b"22015");
    /// `22016` `invalid_argument_for_nth_value_function`. Class 22: Data Exception.
    pub const INVALID_ARGUMENT_FOR_NTH_VALUE: Self = Self::new(b"22016");
    /// `22018` `invalid_character_value_for_cast`. Class 22: Data Exception.
    pub const INVALID_CHARACTER_VALUE_FOR_CAST: Self = Self::new(b"22018");
    /// `22019` `invalid_escape_character`. Class 22: Data Exception.
    pub const INVALID_ESCAPE_CHARACTER: Self = Self::new(b"22019");
    /// `2201B` `invalid_regular_expression`. Class 22: Data Exception.
    pub const INVALID_REGULAR_EXPRESSION: Self = Self::new(b"2201B");
    /// `2201E` `invalid_argument_for_logarithm`. Class 22: Data Exception.
    pub const INVALID_ARGUMENT_FOR_LOG: Self = Self::new(b"2201E");
    /// `2201F` `invalid_argument_for_power_function`. Class 22: Data Exception.
    pub const INVALID_ARGUMENT_FOR_POWER_FUNCTION: Self = Self::new(b"2201F");
    /// `2201G` `invalid_argument_for_width_bucket_function`. Class 22: Data Exception.
    pub const INVALID_ARGUMENT_FOR_WIDTH_BUCKET_FUNCTION: Self = Self::new(b"2201G");
    /// `2201W` `invalid_row_count_in_limit_clause`. Class 22: Data Exception.
    pub const INVALID_ROW_COUNT_IN_LIMIT_CLAUSE: Self = Self::new(b"2201W");
    /// `2201X` `invalid_row_count_in_result_offset_clause`. Class 22: Data Exception.
    pub const INVALID_ROW_COUNT_IN_RESULT_OFFSET_CLAUSE: Self = Self::new(b"2201X");
    /// `22021` `character_not_in_repertoire`. Class 22: Data Exception.
    pub const CHARACTER_NOT_IN_REPERTOIRE: Self = Self::new(b"22021");
    /// `22022` `indicator_overflow`. Class 22: Data Exception.
    pub const INDICATOR_OVERFLOW: Self = Self::new(b"22022");
    /// `22023` `invalid_parameter_value`. Class 22: Data Exception.
    pub const INVALID_PARAMETER_VALUE: Self = Self::new(b"22023");
    /// `22024` `unterminated_c_string`. Class 22: Data Exception.
    pub const UNTERMINATED_C_STRING: Self = Self::new(b"22024");
    /// `22025` `invalid_escape_sequence`. Class 22: Data Exception.
    pub const INVALID_ESCAPE_SEQUENCE: Self = Self::new(b"22025");
    /// `22026` `string_data_length_mismatch`. Class 22: Data Exception.
    pub const STRING_DATA_LENGTH_MISMATCH: Self = Self::new(b"22026");
    /// `22027` `trim_error`. Class 22: Data Exception.
    pub const TRIM_ERROR: Self = Self::new(b"22027");
    /// `2202E`. Class 22: Data Exception.
    pub const ARRAY_ELEMENT_ERROR: Self = Self::new(b"2202E");
    /// `2202E` `array_subscript_error`. Class 22: Data Exception.
    pub const ARRAY_SUBSCRIPT_ERROR: Self = Self::new(b"2202E");
    /// `2202G` `invalid_tablesample_repeat`. Class 22: Data Exception.
    pub const INVALID_TABLESAMPLE_REPEAT: Self = Self::new(b"2202G");
    /// `2202H` `invalid_tablesample_argument`. Class 22: Data Exception.
    pub const INVALID_TABLESAMPLE_ARGUMENT: Self = Self::new(b"2202H");
    /// `22030` `duplicate_json_object_key_value`. Class 22: Data Exception.
    pub const DUPLICATE_JSON_OBJECT_KEY_VALUE: Self = Self::new(b"22030");
    /// `22031` `invalid_argument_for_sql_json_datetime_function`. Class 22: Data Exception.
    pub const INVALID_ARGUMENT_FOR_SQL_JSON_DATETIME_FUNCTION: Self = Self::new(b"22031");
    /// `22032` `invalid_json_text`. Class 22: Data Exception.
    pub const INVALID_JSON_TEXT: Self = Self::new(b"22032");
    /// `22033` `invalid_sql_json_subscript`. Class 22: Data Exception.
    pub const INVALID_SQL_JSON_SUBSCRIPT: Self = Self::new(b"22033");
    /// `22034` `more_than_one_sql_json_item`. Class 22: Data Exception.
    pub const MORE_THAN_ONE_SQL_JSON_ITEM: Self = Self::new(b"22034");
    /// `22035` `no_sql_json_item`. Class 22: Data Exception.
    pub const NO_SQL_JSON_ITEM: Self = Self::new(b"22035");
    /// `22036` `non_numeric_sql_json_item`. Class 22: Data Exception.
    pub const NON_NUMERIC_SQL_JSON_ITEM: Self = Self::new(b"22036");
    /// `22037` `non_unique_keys_in_a_json_object`. Class 22: Data Exception.
    pub const NON_UNIQUE_KEYS_IN_A_JSON_OBJECT: Self = Self::new(b"22037");
    /// `22038` `singleton_sql_json_item_required`. Class 22: Data Exception.
    pub const SINGLETON_SQL_JSON_ITEM_REQUIRED: Self = Self::new(b"22038");
    /// `22039` `sql_json_array_not_found`. Class 22: Data Exception.
    pub const SQL_JSON_ARRAY_NOT_FOUND: Self = Self::new(b"22039");
    /// `2203A` `sql_json_member_not_found`. Class 22: Data Exception.
    pub const SQL_JSON_MEMBER_NOT_FOUND: Self = Self::new(b"2203A");
    /// `2203B` `sql_json_number_not_found`. Class 22: Data Exception.
    pub const SQL_JSON_NUMBER_NOT_FOUND: Self = Self::new(b"2203B");
    /// `2203C` `sql_json_object_not_found`. Class 22: Data Exception.
    pub const SQL_JSON_OBJECT_NOT_FOUND: Self = Self::new(b"2203C");
    /// `2203D` `too_many_json_array_elements`. Class 22: Data Exception.
    pub const TOO_MANY_JSON_ARRAY_ELEMENTS: Self = Self::new(b"2203D");
    /// `2203E` `too_many_json_object_members`. Class 22: Data Exception.
    pub const TOO_MANY_JSON_OBJECT_MEMBERS: Self = Self::new(b"2203E");
    /// `2203F` `sql_json_scalar_required`. Class 22: Data Exception.
    pub const SQL_JSON_SCALAR_REQUIRED: Self = Self::new(b"2203F");
    /// `2203G` `sql_json_item_cannot_be_cast_to_target_type`. Class 22: Data Exception.
    pub const SQL_JSON_ITEM_CANNOT_BE_CAST_TO_TARGET_TYPE: Self = Self::new(b"2203G");
    /// `22P01` `floating_point_exception`. Class 22: Data Exception.
    pub const FLOATING_POINT_EXCEPTION: Self = Self::new(b"22P01");
    /// `22P02` `invalid_text_representation`. Class 22: Data Exception.
    pub const INVALID_TEXT_REPRESENTATION: Self = Self::new(b"22P02");
    /// `22P03` `invalid_binary_representation`. Class 22: Data Exception.
    pub const INVALID_BINARY_REPRESENTATION: Self = Self::new(b"22P03");
    /// `22P04` `bad_copy_file_format`. Class 22: Data Exception.
    pub const BAD_COPY_FILE_FORMAT: Self = Self::new(b"22P04");
    /// `22P05` `untranslatable_character`. Class 22: Data Exception.
    pub const UNTRANSLATABLE_CHARACTER: Self = Self::new(b"22P05");
    /// `22P06` `nonstandard_use_of_escape_character`. Class 22: Data Exception.
    pub const NONSTANDARD_USE_OF_ESCAPE_CHARACTER: Self = Self::new(b"22P06");
    /// `22P07` `datum_version_mismatch`. Class 22: Data Exception.
    pub const DATUM_VERSION_MISMATCH: Self = Self::new(b"22P07");
    /// `23000` `integrity_constraint_violation`. Class 23: Integrity Constraint Violation.
    pub const INTEGRITY_CONSTRAINT_VIOLATION: Self = Self::new(b"23000");
    /// `23001` `restrict_violation`. Class 23: Integrity Constraint Violation.
    pub const RESTRICT_VIOLATION: Self = Self::new(b"23001");
    /// `23502` `not_null_violation`. Class 23: Integrity Constraint Violation.
    pub const NOT_NULL_VIOLATION: Self = Self::new(b"23502");
    /// `23503` `foreign_key_violation`. Class 23: Integrity Constraint Violation.
    pub const FOREIGN_KEY_VIOLATION: Self = Self::new(b"23503");
    /// `23505` `unique_violation`. Class 23: Integrity Constraint Violation.
    pub const UNIQUE_VIOLATION: Self = Self::new(b"23505");
    /// `23514` `check_violation`. Class 23: Integrity Constraint Violation.
    pub const CHECK_VIOLATION: Self = Self::new(b"23514");
    /// `23P01` `exclusion_violation`. Class 23: Integrity Constraint Violation.
    pub const EXCLUSION_VIOLATION: Self = Self::new(b"23P01");
    /// `24000` `invalid_cursor_state`. Class 24: Invalid Cursor State.
    pub const INVALID_CURSOR_STATE: Self = Self::new(b"24000");
    /// `25000` `invalid_transaction_state`. Class 25: Invalid Transaction State.
    pub const INVALID_TRANSACTION_STATE: Self = Self::new(b"25000");
    /// `25001` `active_sql_transaction`. Class 25: Invalid Transaction State.
    pub const ACTIVE_SQL_TRANSACTION: Self = Self::new(b"25001");
    /// `25002` `branch_transaction_already_active`. Class 25: Invalid Transaction State.
    pub const BRANCH_TRANSACTION_ALREADY_ACTIVE: Self = Self::new(b"25002");
    /// `25003` `inappropriate_access_mode_for_branch_transaction`. Class 25: Invalid Transaction State.
    pub const INAPPROPRIATE_ACCESS_MODE_FOR_BRANCH_TRANSACTION: Self = Self::new(b"25003");
    /// `25004` `inappropriate_isolation_level_for_branch_transaction`. Class 25: Invalid Transaction State.
    pub const INAPPROPRIATE_ISOLATION_LEVEL_FOR_BRANCH_TRANSACTION: Self = Self::new(b"25004");
    /// `25005` `no_active_sql_transaction_for_branch_transaction`. Class 25: Invalid Transaction State.
    pub const NO_ACTIVE_SQL_TRANSACTION_FOR_BRANCH_TRANSACTION: Self = Self::new(b"25005");
    /// `25006` `read_only_sql_transaction`. Class 25: Invalid Transaction State.
    pub const READ_ONLY_SQL_TRANSACTION: Self = Self::new(b"25006");
    /// `25007` `schema_and_data_statement_mixing_not_supported`. Class 25: Invalid Transaction State.
    pub const SCHEMA_AND_DATA_STATEMENT_MIXING_NOT_SUPPORTED: Self = Self::new(b"25007");
    /// `25008` `held_cursor_requires_same_isolation_level`. Class 25: Invalid Transaction State.
    pub const HELD_CURSOR_REQUIRES_SAME_ISOLATION_LEVEL: Self = Self::new(b"25008");
    /// `25P01` `no_active_sql_transaction`. Class 25: Invalid Transaction State.
    pub const NO_ACTIVE_SQL_TRANSACTION: Self = Self::new(b"25P01");
    /// `25P02` `in_failed_sql_transaction`. Class 25: Invalid Transaction State.
    pub const IN_FAILED_SQL_TRANSACTION: Self = Self::new(b"25P02");
    /// `25P03` `idle_in_transaction_session_timeout`. Class 25: Invalid Transaction State.
    pub const IDLE_IN_TRANSACTION_SESSION_TIMEOUT: Self = Self::new(b"25P03");
    /// `25P04` `transaction_timeout`. Class 25: Invalid Transaction State.
    pub const TRANSACTION_TIMEOUT: Self = Self::new(b"25P04");
    /// `26000` `invalid_sql_statement_name`. Class 26: Invalid SQL Statement Name.
    pub const INVALID_SQL_STATEMENT_NAME: Self = Self::new(b"26000");
    /// `26000`. Class 42: Syntax Error or Access Rule Violation.
    pub const UNDEFINED_PSTATEMENT: Self = Self::new(b"26000");
    /// `27000` `triggered_data_change_violation`. Class 27: Triggered Data Change Violation.
    pub const TRIGGERED_DATA_CHANGE_VIOLATION: Self = Self::new(b"27000");
    /// `28000` `invalid_authorization_specification`. Class 28: Invalid Authorization Specification.
    pub const INVALID_AUTHORIZATION_SPECIFICATION: Self = Self::new(b"28000");
    /// `28P01` `invalid_password`. Class 28: Invalid Authorization Specification.
    pub const INVALID_PASSWORD: Self = Self::new(b"28P01");
    /// `2B000` `dependent_privilege_descriptors_still_exist`. Class 2B: Dependent Privilege Descriptors Still Exist.
    pub const DEPENDENT_PRIVILEGE_DESCRIPTORS_STILL_EXIST: Self = Self::new(b"2B000");
    /// `2BP01` `dependent_objects_still_exist`. Class 2B: Dependent Privilege Descriptors Still Exist.
    pub const DEPENDENT_OBJECTS_STILL_EXIST: Self = Self::new(b"2BP01");
    /// `2D000` `invalid_transaction_termination`. Class 2D: Invalid Transaction Termination.
    pub const INVALID_TRANSACTION_TERMINATION: Self = Self::new(b"2D000");
    /// `2F000` `sql_routine_exception`. Class 2F: SQL Routine Exception.
    pub const SQL_ROUTINE_EXCEPTION: Self = Self::new(b"2F000");
    /// `2F002` `modifying_sql_data_not_permitted`. Class 2F: SQL Routine Exception.
    pub const S_R_E_MODIFYING_SQL_DATA_NOT_PERMITTED: Self = Self::new(b"2F002");
    /// `2F003` `prohibited_sql_statement_attempted`. Class 2F: SQL Routine Exception.
    pub const S_R_E_PROHIBITED_SQL_STATEMENT_ATTEMPTED: Self = Self::new(b"2F003");
    /// `2F004` `reading_sql_data_not_permitted`. Class 2F: SQL Routine Exception.
    pub const S_R_E_READING_SQL_DATA_NOT_PERMITTED: Self = Self::new(b"2F004");
    /// `2F005` `function_executed_no_return_statement`. Class 2F: SQL Routine Exception.
    pub const S_R_E_FUNCTION_EXECUTED_NO_RETURN_STATEMENT: Self = Self::new(b"2F005");
    /// `34000` `invalid_cursor_name`. Class 34: Invalid Cursor Name.
    pub const INVALID_CURSOR_NAME: Self = Self::new(b"34000");
    /// `34000`. Class 42: Syntax Error or Access Rule Violation.
    pub const UNDEFINED_CURSOR: Self = Self::new(b"34000");
    /// `38000` `external_routine_exception`. Class 38: External Routine Exception.
    pub const EXTERNAL_ROUTINE_EXCEPTION: Self = Self::new(b"38000");
    /// `38001` `containing_sql_not_permitted`. Class 38: External Routine Exception.
    pub const E_R_E_CONTAINING_SQL_NOT_PERMITTED: Self = Self::new(b"38001");
    /// `38002` `modifying_sql_data_not_permitted`. Class 38: External Routine Exception.
    pub const E_R_E_MODIFYING_SQL_DATA_NOT_PERMITTED: Self = Self::new(b"38002");
    /// `38003` `prohibited_sql_statement_attempted`. Class 38: External Routine Exception.
    pub const E_R_E_PROHIBITED_SQL_STATEMENT_ATTEMPTED: Self = Self::new(b"38003");
    /// `38004` `reading_sql_data_not_permitted`. Class 38: External Routine Exception.
    pub const E_R_E_READING_SQL_DATA_NOT_PERMITTED: Self = Self::new(b"38004");
    /// `39000` `external_routine_invocation_exception`. Class 39: External Routine Invocation Exception.
    pub const EXTERNAL_ROUTINE_INVOCATION_EXCEPTION: Self = Self::new(b"39000");
    /// `39001` `invalid_sqlstate_returned`. Class 39: External Routine Invocation Exception.
    pub const E_R_I_E_INVALID_SQLSTATE_RETURNED: Self = Self::new(b"39001");
    /// `39004` `null_value_not_allowed`. Class 39: External Routine Invocation Exception.
    pub const E_R_I_E_NULL_VALUE_NOT_ALLOWED: Self = Self::new(b"39004");
    /// `39P01` `trigger_protocol_violated`. Class 39: External Routine Invocation Exception.
    pub const E_R_I_E_TRIGGER_PROTOCOL_VIOLATED: Self = Self::new(b"39P01");
    /// `39P02` `srf_protocol_violated`. Class 39: External Routine Invocation Exception.
    pub const E_R_I_E_SRF_PROTOCOL_VIOLATED: Self = Self::new(b"39P02");
    /// `39P03` `event_trigger_protocol_violated`. Class 39: External Routine Invocation Exception.
    pub const E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED: Self = Self::new(b"39P03");
    /// `3B000` `savepoint_exception`. Class 3B: Savepoint Exception.
    pub const SAVEPOINT_EXCEPTION: Self = Self::new(b"3B000");
    /// `3B001` `invalid_savepoint_specification`. Class 3B: Savepoint Exception.
    pub const S_E_INVALID_SPECIFICATION: Self = Self::new(b"3B001");
    /// `3D000` `invalid_catalog_name`. Class 3D: Invalid Catalog Name.
    pub const INVALID_CATALOG_NAME: Self = Self::new(b"3D000");
    /// `3D000`. Class 42: Syntax Error or Access Rule Violation.
    pub const UNDEFINED_DATABASE: Self = Self::new(b"3D000");
    /// `3F000` `invalid_schema_name`. Class 3F: Invalid Schema Name.
    pub const INVALID_SCHEMA_NAME: Self = Self::new(b"3F000");
    /// `3F000`. Class 42: Syntax Error or Access Rule Violation.
    pub const UNDEFINED_SCHEMA: Self = Self::new(b"3F000");
    /// `40000` `transaction_rollback`. Class 40: Transaction Rollback.
    pub const TRANSACTION_ROLLBACK: Self = Self::new(b"40000");
    /// `40001` `serialization_failure`. Class 40: Transaction Rollback.
    pub const T_R_SERIALIZATION_FAILURE: Self = Self::new(b"40001");
    /// `40002` `transaction_integrity_constraint_violation`. Class 40: Transaction Rollback.
    pub const T_R_INTEGRITY_CONSTRAINT_VIOLATION: Self = Self::new(b"40002");
    /// `40003` `statement_completion_unknown`. Class 40: Transaction Rollback.
    pub const T_R_STATEMENT_COMPLETION_UNKNOWN: Self = Self::new(b"40003");
    /// `40P01` `deadlock_detected`. Class 40: Transaction Rollback.
    pub const T_R_DEADLOCK_DETECTED: Self = Self::new(b"40P01");
    /// `42000` `syntax_error_or_access_rule_violation`. Class 42: Syntax Error or Access Rule Violation.
    pub const SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION: Self = Self::new(b"42000");
    /// `42501` `insufficient_privilege`. Class 42: Syntax Error or Access Rule Violation.
    pub const INSUFFICIENT_PRIVILEGE: Self = Self::new(b"42501");
    /// `42601` `syntax_error`. Class 42: Syntax Error or Access Rule Violation.
    pub const SYNTAX_ERROR: Self = Self::new(b"42601");
    /// `42602` `invalid_name`. Class 42: Syntax Error or Access Rule Violation.
    pub const INVALID_NAME: Self = Self::new(b"42602");
    /// `42611` `invalid_column_definition`. Class 42: Syntax Error or Access Rule Violation.
    pub const INVALID_COLUMN_DEFINITION: Self = Self::new(b"42611");
    /// `42622` `name_too_long`. Class 42: Syntax Error or Access Rule Violation.
    pub const NAME_TOO_LONG: Self = Self::new(b"42622");
    /// `42701` `duplicate_column`. Class 42: Syntax Error or Access Rule Violation.
    pub const DUPLICATE_COLUMN: Self = Self::new(b"42701");
    /// `42702` `ambiguous_column`. Class 42: Syntax Error or Access Rule Violation.
    pub const AMBIGUOUS_COLUMN: Self = Self::new(b"42702");
    /// `42703` `undefined_column`. Class 42: Syntax Error or Access Rule Violation.
    pub const UNDEFINED_COLUMN: Self = Self::new(b"42703");
    /// `42704` `undefined_object`. Class 42: Syntax Error or Access Rule Violation.
    pub const UNDEFINED_OBJECT: Self = Self::new(b"42704");
    /// `42710` `duplicate_object`. Class 42: Syntax Error or Access Rule Violation.
    pub const DUPLICATE_OBJECT: Self = Self::new(b"42710");
    /// `42712` `duplicate_alias`. Class 42: Syntax Error or Access Rule Violation.
    pub const DUPLICATE_ALIAS: Self = Self::new(b"42712");
    /// `42723` `duplicate_function`. Class 42: Syntax Error or Access Rule Violation.
    pub const DUPLICATE_FUNCTION: Self = Self::new(b"42723");
    /// `42725` `ambiguous_function`. Class 42: Syntax Error or Access Rule Violation.
    pub const AMBIGUOUS_FUNCTION: Self = Self::new(b"42725");
    /// `42803` `grouping_error`. Class 42: Syntax Error or Access Rule Violation.
    pub const GROUPING_ERROR: Self = Self::new(b"42803");
    /// `42804` `datatype_mismatch`. Class 42: Syntax Error or Access Rule Violation.
    pub const DATATYPE_MISMATCH: Self = Self::new(b"42804");
    /// `42809` `wrong_object_type`. Class 42: Syntax Error or Access Rule Violation.
    pub const WRONG_OBJECT_TYPE: Self = Self::new(b"42809");
    /// `42830` `invalid_foreign_key`. Class 42: Syntax Error or Access Rule Violation.
    pub const INVALID_FOREIGN_KEY: Self = Self::new(b"42830");
    /// `42846` `cannot_coerce`. Class 42: Syntax Error or Access Rule Violation.
    pub const CANNOT_COERCE: Self = Self::new(b"42846");
    /// `42883` `undefined_function`. Class 42: Syntax Error or Access Rule Violation.
    pub const UNDEFINED_FUNCTION: Self = Self::new(b"42883");
    /// `428C9` `generated_always`. Class 42: Syntax Error or Access Rule Violation.
    pub const GENERATED_ALWAYS: Self = Self::new(b"428C9");
    /// `42939` `reserved_name`. Class 42: Syntax Error or Access Rule Violation.
    pub const RESERVED_NAME: Self = Self::new(b"42939");
    /// `42P01` `undefined_table`. Class 42: Syntax Error or Access Rule Violation.
    pub const UNDEFINED_TABLE: Self = Self::new(b"42P01");
    /// `42P02` `undefined_parameter`. Class 42: Syntax Error or Access Rule Violation.
    pub const UNDEFINED_PARAMETER: Self = Self::new(b"42P02");
    /// `42P03` `duplicate_cursor`. Class 42: Syntax Error or Access Rule Violation.
    pub const DUPLICATE_CURSOR: Self = Self::new(b"42P03");
    /// `42P04` `duplicate_database`. Class 42: Syntax Error or Access Rule Violation.
    pub const DUPLICATE_DATABASE: Self = Self::new(b"42P04");
    /// `42P05` `duplicate_prepared_statement`. Class 42: Syntax Error or Access Rule Violation.
    pub const DUPLICATE_PSTATEMENT: Self = Self::new(b"42P05");
    /// `42P06` `duplicate_schema`. Class 42: Syntax Error or Access Rule Violation.
    pub const DUPLICATE_SCHEMA: Self = Self::new(b"42P06");
    /// `42P07` `duplicate_table`. Class 42: Syntax Error or Access Rule Violation.
    pub const DUPLICATE_TABLE: Self = Self::new(b"42P07");
    /// `42P08` `ambiguous_parameter`. Class 42: Syntax Error or Access Rule Violation.
    pub const AMBIGUOUS_PARAMETER: Self = Self::new(b"42P08");
    /// `42P09` `ambiguous_alias`. Class 42: Syntax Error or Access Rule Violation.
    pub const AMBIGUOUS_ALIAS: Self = Self::new(b"42P09");
    /// `42P10` `invalid_column_reference`. Class 42: Syntax Error or Access Rule Violation.
    pub const INVALID_COLUMN_REFERENCE: Self = Self::new(b"42P10");
    /// `42P11` `invalid_cursor_definition`. Class 42: Syntax Error or Access Rule Violation.
    pub const INVALID_CURSOR_DEFINITION: Self = Self::new(b"42P11");
    /// `42P12` `invalid_database_definition`. Class 42: Syntax Error or Access Rule Violation.
    pub const INVALID_DATABASE_DEFINITION: Self = Self::new(b"42P12");
    /// `42P13` `invalid_function_definition`. Class 42: Syntax Error or Access Rule Violation.
    pub const INVALID_FUNCTION_DEFINITION: Self = Self::new(b"42P13");
    /// `42P14` `invalid_prepared_statement_definition`. Class 42: Syntax Error or Access Rule Violation.
    pub const INVALID_PSTATEMENT_DEFINITION: Self = Self::new(b"42P14");
    /// `42P15` `invalid_schema_definition`. Class 42: Syntax Error or Access Rule Violation.
    pub const INVALID_SCHEMA_DEFINITION: Self = Self::new(b"42P15");
    /// `42P16` `invalid_table_definition`. Class 42: Syntax Error or Access Rule Violation.
    pub const INVALID_TABLE_DEFINITION: Self = Self::new(b"42P16");
    /// `42P17` `invalid_object_definition`. Class 42: Syntax Error or Access Rule Violation.
    pub const INVALID_OBJECT_DEFINITION: Self = Self::new(b"42P17");
    /// `42P18` `indeterminate_datatype`. Class 42: Syntax Error or Access Rule Violation.
    pub const INDETERMINATE_DATATYPE: Self = Self::new(b"42P18");
    /// `42P19` `invalid_recursion`. Class 42: Syntax Error or Access Rule Violation.
    pub const INVALID_RECURSION: Self = Self::new(b"42P19");
    /// `42P20` `windowing_error`. Class 42: Syntax Error or Access Rule Violation.
    pub const WINDOWING_ERROR: Self = Self::new(b"42P20");
    /// `42P21` `collation_mismatch`. Class 42: Syntax Error or Access Rule Violation.
    pub const COLLATION_MISMATCH: Self = Self::new(b"42P21");
    /// `42P22` `indeterminate_collation`. Class 42: Syntax Error or Access Rule Violation.
    pub const INDETERMINATE_COLLATION: Self = Self::new(b"42P22");
    /// `44000` `with_check_option_violation`. Class 44: WITH CHECK OPTION Violation.
    pub const WITH_CHECK_OPTION_VIOLATION: Self = Self::new(b"44000");
    /// `53000` `insufficient_resources`. Class 53: Insufficient Resources.
    pub const INSUFFICIENT_RESOURCES: Self = Self::new(b"53000");
    /// `53100` `disk_full`. Class 53: Insufficient Resources.
    pub const DISK_FULL: Self = Self::new(b"53100");
    /// `53200` `out_of_memory`. Class 53: Insufficient Resources.
    pub const OUT_OF_MEMORY: Self = Self::new(b"53200");
    /// `53300` `too_many_connections`. Class 53: Insufficient Resources.
    pub const TOO_MANY_CONNECTIONS: Self = Self::new(b"53300");
    /// `53400` `configuration_limit_exceeded`. Class 53: Insufficient Resources.
    pub const CONFIGURATION_LIMIT_EXCEEDED: Self = Self::new(b"53400");
    /// `54000` `program_limit_exceeded`. Class 54: Program Limit Exceeded.
    pub const PROGRAM_LIMIT_EXCEEDED: Self = Self::new(b"54000");
    /// `54001` `statement_too_complex`. Class 54: Program Limit Exceeded.
    pub const STATEMENT_TOO_COMPLEX: Self = Self::new(b"54001");
    /// `54011` `too_many_columns`. Class 54: Program Limit Exceeded.
    pub const TOO_MANY_COLUMNS: Self = Self::new(b"54011");
    /// `54023` `too_many_arguments`. Class 54: Program Limit Exceeded.
    pub const TOO_MANY_ARGUMENTS: Self = Self::new(b"54023");
    /// `55000` `object_not_in_prerequisite_state`. Class 55: Object Not In Prerequisite State.
    pub const OBJECT_NOT_IN_PREREQUISITE_STATE: Self = Self::new(b"55000");
    /// `55006` `object_in_use`. Class 55: Object Not In Prerequisite State.
    pub const OBJECT_IN_USE: Self = Self::new(b"55006");
    /// `55P02` `cant_change_runtime_param`. Class 55: Object Not In Prerequisite State.
    pub const CANT_CHANGE_RUNTIME_PARAM: Self = Self::new(b"55P02");
    /// `55P03` `lock_not_available`. Class 55: Object Not In Prerequisite State.
    pub const LOCK_NOT_AVAILABLE: Self = Self::new(b"55P03");
    /// `55P04` `unsafe_new_enum_value_usage`. Class 55: Object Not In Prerequisite State.
    pub const UNSAFE_NEW_ENUM_VALUE_USAGE: Self = Self::new(b"55P04");
    /// `57000` `operator_intervention`. Class 57: Operator Intervention.
    pub const OPERATOR_INTERVENTION: Self = Self::new(b"57000");
    /// `57014` `query_canceled`. Class 57: Operator Intervention.
    pub const QUERY_CANCELED: Self = Self::new(b"57014");
    /// `57P01` `admin_shutdown`. Class 57: Operator Intervention.
    pub const ADMIN_SHUTDOWN: Self = Self::new(b"57P01");
    /// `57P02` `crash_shutdown`. Class 57: Operator Intervention.
    pub const CRASH_SHUTDOWN: Self = Self::new(b"57P02");
    /// `57P03` `cannot_connect_now`. Class 57: Operator Intervention.
    pub const CANNOT_CONNECT_NOW: Self = Self::new(b"57P03");
    /// `57P04` `database_dropped`. Class 57: Operator Intervention.
    pub const DATABASE_DROPPED: Self = Self::new(b"57P04");
    /// `57P05` `idle_session_timeout`. Class 57: Operator Intervention.
    pub const IDLE_SESSION_TIMEOUT: Self = Self::new(b"57P05");
    /// `58000` `system_error`. Class 58: System Error (errors external to PostgreSQL itself).
    pub const SYSTEM_ERROR: Self = Self::new(b"58000");
    /// `58030` `io_error`. Class 58: System Error (errors external to PostgreSQL itself).
    pub const IO_ERROR: Self = Self::new(b"58030");
    /// `58P01` `undefined_file`. Class 58: System Error (errors external to PostgreSQL itself).
    pub const UNDEFINED_FILE: Self = Self::new(b"58P01");
    /// `58P02` `duplicate_file`. Class 58: System Error (errors external to PostgreSQL itself).
    pub const DUPLICATE_FILE: Self = Self::new(b"58P02");
    /// `58P03` `file_name_too_long`. Class 58: System Error (errors external to PostgreSQL itself).
    pub const FILE_NAME_TOO_LONG: Self = Self::new(b"58P03");
    /// `72000` `snapshot_too_old`. Class 72: Snapshot Failure.
    pub const SNAPSHOT_TOO_OLD: Self = Self::new(b"72000");
    /// `F0000` `config_file_error`. Class F0: Configuration File Error.
    pub const CONFIG_FILE_ERROR: Self = Self::new(b"F0000");
    /// `F0001` `lock_file_exists`. Class F0: Configuration File Error.
    pub const LOCK_FILE_EXISTS: Self = Self::new(b"F0001");
    /// `HV000` `fdw_error`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_ERROR: Self = Self::new(b"HV000");
    /// `HV001` `fdw_out_of_memory`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_OUT_OF_MEMORY: Self = Self::new(b"HV001");
    /// `HV002` `fdw_dynamic_parameter_value_needed`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_DYNAMIC_PARAMETER_VALUE_NEEDED: Self = Self::new(b"HV002");
    /// `HV004` `fdw_invalid_data_type`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_INVALID_DATA_TYPE: Self = Self::new(b"HV004");
    /// `HV005` `fdw_column_name_not_found`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_COLUMN_NAME_NOT_FOUND: Self = Self::new(b"HV005");
    /// `HV006` `fdw_invalid_data_type_descriptors`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_INVALID_DATA_TYPE_DESCRIPTORS: Self = Self::new(b"HV006");
    /// `HV007` `fdw_invalid_column_name`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_INVALID_COLUMN_NAME: Self = Self::new(b"HV007");
    /// `HV008` `fdw_invalid_column_number`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_INVALID_COLUMN_NUMBER: Self = Self::new(b"HV008");
    /// `HV009` `fdw_invalid_use_of_null_pointer`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_INVALID_USE_OF_NULL_POINTER: Self = Self::new(b"HV009");
    /// `HV00A` `fdw_invalid_string_format`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_INVALID_STRING_FORMAT: Self = Self::new(b"HV00A");
    /// `HV00B` `fdw_invalid_handle`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_INVALID_HANDLE: Self = Self::new(b"HV00B");
    /// `HV00C` `fdw_invalid_option_index`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_INVALID_OPTION_INDEX: Self = Self::new(b"HV00C");
    /// `HV00D` `fdw_invalid_option_name`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_INVALID_OPTION_NAME: Self = Self::new(b"HV00D");
    /// `HV00J` `fdw_option_name_not_found`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_OPTION_NAME_NOT_FOUND: Self = Self::new(b"HV00J");
    /// `HV00K` `fdw_reply_handle`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_REPLY_HANDLE: Self = Self::new(b"HV00K");
    /// `HV00L` `fdw_unable_to_create_execution`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_UNABLE_TO_CREATE_EXECUTION: Self = Self::new(b"HV00L");
    /// `HV00M` `fdw_unable_to_create_reply`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_UNABLE_TO_CREATE_REPLY: Self = Self::new(b"HV00M");
    /// `HV00N` `fdw_unable_to_establish_connection`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_UNABLE_TO_ESTABLISH_CONNECTION: Self = Self::new(b"HV00N");
    /// `HV00P` `fdw_no_schemas`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_NO_SCHEMAS: Self = Self::new(b"HV00P");
    /// `HV00Q` `fdw_schema_not_found`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_SCHEMA_NOT_FOUND: Self = Self::new(b"HV00Q");
    /// `HV00R` `fdw_table_not_found`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_TABLE_NOT_FOUND: Self = Self::new(b"HV00R");
    /// `HV010` `fdw_function_sequence_error`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_FUNCTION_SEQUENCE_ERROR: Self = Self::new(b"HV010");
    /// `HV014` `fdw_too_many_handles`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_TOO_MANY_HANDLES: Self = Self::new(b"HV014");
    /// `HV021` `fdw_inconsistent_descriptor_information`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_INCONSISTENT_DESCRIPTOR_INFORMATION: Self = Self::new(b"HV021");
    /// `HV024` `fdw_invalid_attribute_value`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_INVALID_ATTRIBUTE_VALUE: Self = Self::new(b"HV024");
    /// `HV090` `fdw_invalid_string_length_or_buffer_length`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_INVALID_STRING_LENGTH_OR_BUFFER_LENGTH: Self = Self::new(b"HV090");
    /// `HV091` `fdw_invalid_descriptor_field_identifier`. Class HV: Foreign Data Wrapper Error (SQL/MED).
    pub const FDW_INVALID_DESCRIPTOR_FIELD_IDENTIFIER: Self = Self::new(b"HV091");
    /// `P0000` `plpgsql_error`. Class P0: PL/pgSQL Error.
    pub const PLPGSQL_ERROR: Self = Self::new(b"P0000");
    /// `P0001` `raise_exception`. Class P0: PL/pgSQL Error.
    pub const RAISE_EXCEPTION: Self = Self::new(b"P0001");
    /// `P0002` `no_data_found`. Class P0: PL/pgSQL Error.
    pub const NO_DATA_FOUND: Self = Self::new(b"P0002");
    /// `P0003` `too_many_rows`. Class P0: PL/pgSQL Error.
    pub const TOO_MANY_ROWS: Self = Self::new(b"P0003");
    /// `P0004` `assert_failure`. Class P0: PL/pgSQL Error.
    pub const ASSERT_FAILURE: Self = Self::new(b"P0004");
    /// `XX000` `internal_error`. Class XX: Internal Error.
    pub const INTERNAL_ERROR: Self = Self::new(b"XX000");
    /// `XX001` `data_corrupted`. Class XX: Internal Error.
    pub const DATA_CORRUPTED: Self = Self::new(b"XX001");
    /// `XX002` `index_corrupted`. Class XX: Internal Error.
    pub const INDEX_CORRUPTED: Self = Self::new(b"XX002");

    /// The condition's name in PL/pgSQL, if PostgreSQL has one for this code.
    pub fn condition_name(self) -> Option<&'static str> {
        let at = CONDITIONS.binary_search_by_key(&self.0, |&(code, _)| code).ok()?;
        CONDITIONS.get(at).map(|&(_, name)| name)
    }
}

/// Codes and their conditions' names, in the order of the codes.
static CONDITIONS: &[([u8; 5], &str)] = &[
    (*b"00000", "successful_completion"),
    (*b"01000", "warning"),
    (*b"01003", "null_value_eliminated_in_set_function"),
    (*b"01004", "string_data_right_truncation"),
    (*b"01006", "privilege_not_revoked"),
    (*b"01007", "privilege_not_granted"),
    (*b"01008", "implicit_zero_bit_padding"),
    (*b"0100C", "dynamic_result_sets_returned"),
    (*b"01P01", "deprecated_feature"),
    (*b"02000", "no_data"),
    (*b"02001", "no_additional_dynamic_result_sets_returned"),
    (*b"03000", "sql_statement_not_yet_complete"),
    (*b"08000", "connection_exception"),
    (*b"08001", "sqlclient_unable_to_establish_sqlconnection"),
    (*b"08003", "connection_does_not_exist"),
    (*b"08004", "sqlserver_rejected_establishment_of_sqlconnection"),
    (*b"08006", "connection_failure"),
    (*b"08007", "transaction_resolution_unknown"),
    (*b"08P01", "protocol_violation"),
    (*b"09000", "triggered_action_exception"),
    (*b"0A000", "feature_not_supported"),
    (*b"0B000", "invalid_transaction_initiation"),
    (*b"0F000", "locator_exception"),
    (*b"0F001", "invalid_locator_specification"),
    (*b"0L000", "invalid_grantor"),
    (*b"0LP01", "invalid_grant_operation"),
    (*b"0P000", "invalid_role_specification"),
    (*b"0Z000", "diagnostics_exception"),
    (*b"0Z002", "stacked_diagnostics_accessed_without_active_handler"),
    (*b"10608", "invalid_argument_for_xquery"),
    (*b"20000", "case_not_found"),
    (*b"21000", "cardinality_violation"),
    (*b"22000", "data_exception"),
    (*b"22001", "string_data_right_truncation"),
    (*b"22002", "null_value_no_indicator_parameter"),
    (*b"22003", "numeric_value_out_of_range"),
    (*b"22004", "null_value_not_allowed"),
    (*b"22005", "error_in_assignment"),
    (*b"22007", "invalid_datetime_format"),
    (*b"22008", "datetime_field_overflow"),
    (*b"22009", "invalid_time_zone_displacement_value"),
    (*b"2200B", "escape_character_conflict"),
    (*b"2200C", "invalid_use_of_escape_character"),
    (*b"2200D", "invalid_escape_octet"),
    (*b"2200F", "zero_length_character_string"),
    (*b"2200G", "most_specific_type_mismatch"),
    (*b"2200H", "sequence_generator_limit_exceeded"),
    (*b"2200L", "not_an_xml_document"),
    (*b"2200M", "invalid_xml_document"),
    (*b"2200N", "invalid_xml_content"),
    (*b"2200S", "invalid_xml_comment"),
    (*b"2200T", "invalid_xml_processing_instruction"),
    (*b"22010", "invalid_indicator_parameter_value"),
    (*b"22011", "substring_error"),
    (*b"22012", "division_by_zero"),
    (*b"22013", "invalid_preceding_or_following_size"),
    (*b"22014", "invalid_argument_for_ntile_function"),
    (*b"22015", "interval_field_overflow"),
    (*b"22016", "invalid_argument_for_nth_value_function"),
    (*b"22018", "invalid_character_value_for_cast"),
    (*b"22019", "invalid_escape_character"),
    (*b"2201B", "invalid_regular_expression"),
    (*b"2201E", "invalid_argument_for_logarithm"),
    (*b"2201F", "invalid_argument_for_power_function"),
    (*b"2201G", "invalid_argument_for_width_bucket_function"),
    (*b"2201W", "invalid_row_count_in_limit_clause"),
    (*b"2201X", "invalid_row_count_in_result_offset_clause"),
    (*b"22021", "character_not_in_repertoire"),
    (*b"22022", "indicator_overflow"),
    (*b"22023", "invalid_parameter_value"),
    (*b"22024", "unterminated_c_string"),
    (*b"22025", "invalid_escape_sequence"),
    (*b"22026", "string_data_length_mismatch"),
    (*b"22027", "trim_error"),
    (*b"2202E", "array_subscript_error"),
    (*b"2202G", "invalid_tablesample_repeat"),
    (*b"2202H", "invalid_tablesample_argument"),
    (*b"22030", "duplicate_json_object_key_value"),
    (*b"22031", "invalid_argument_for_sql_json_datetime_function"),
    (*b"22032", "invalid_json_text"),
    (*b"22033", "invalid_sql_json_subscript"),
    (*b"22034", "more_than_one_sql_json_item"),
    (*b"22035", "no_sql_json_item"),
    (*b"22036", "non_numeric_sql_json_item"),
    (*b"22037", "non_unique_keys_in_a_json_object"),
    (*b"22038", "singleton_sql_json_item_required"),
    (*b"22039", "sql_json_array_not_found"),
    (*b"2203A", "sql_json_member_not_found"),
    (*b"2203B", "sql_json_number_not_found"),
    (*b"2203C", "sql_json_object_not_found"),
    (*b"2203D", "too_many_json_array_elements"),
    (*b"2203E", "too_many_json_object_members"),
    (*b"2203F", "sql_json_scalar_required"),
    (*b"2203G", "sql_json_item_cannot_be_cast_to_target_type"),
    (*b"22P01", "floating_point_exception"),
    (*b"22P02", "invalid_text_representation"),
    (*b"22P03", "invalid_binary_representation"),
    (*b"22P04", "bad_copy_file_format"),
    (*b"22P05", "untranslatable_character"),
    (*b"22P06", "nonstandard_use_of_escape_character"),
    (*b"22P07", "datum_version_mismatch"),
    (*b"23000", "integrity_constraint_violation"),
    (*b"23001", "restrict_violation"),
    (*b"23502", "not_null_violation"),
    (*b"23503", "foreign_key_violation"),
    (*b"23505", "unique_violation"),
    (*b"23514", "check_violation"),
    (*b"23P01", "exclusion_violation"),
    (*b"24000", "invalid_cursor_state"),
    (*b"25000", "invalid_transaction_state"),
    (*b"25001", "active_sql_transaction"),
    (*b"25002", "branch_transaction_already_active"),
    (*b"25003", "inappropriate_access_mode_for_branch_transaction"),
    (*b"25004", "inappropriate_isolation_level_for_branch_transaction"),
    (*b"25005", "no_active_sql_transaction_for_branch_transaction"),
    (*b"25006", "read_only_sql_transaction"),
    (*b"25007", "schema_and_data_statement_mixing_not_supported"),
    (*b"25008", "held_cursor_requires_same_isolation_level"),
    (*b"25P01", "no_active_sql_transaction"),
    (*b"25P02", "in_failed_sql_transaction"),
    (*b"25P03", "idle_in_transaction_session_timeout"),
    (*b"25P04", "transaction_timeout"),
    (*b"26000", "invalid_sql_statement_name"),
    (*b"27000", "triggered_data_change_violation"),
    (*b"28000", "invalid_authorization_specification"),
    (*b"28P01", "invalid_password"),
    (*b"2B000", "dependent_privilege_descriptors_still_exist"),
    (*b"2BP01", "dependent_objects_still_exist"),
    (*b"2D000", "invalid_transaction_termination"),
    (*b"2F000", "sql_routine_exception"),
    (*b"2F002", "modifying_sql_data_not_permitted"),
    (*b"2F003", "prohibited_sql_statement_attempted"),
    (*b"2F004", "reading_sql_data_not_permitted"),
    (*b"2F005", "function_executed_no_return_statement"),
    (*b"34000", "invalid_cursor_name"),
    (*b"38000", "external_routine_exception"),
    (*b"38001", "containing_sql_not_permitted"),
    (*b"38002", "modifying_sql_data_not_permitted"),
    (*b"38003", "prohibited_sql_statement_attempted"),
    (*b"38004", "reading_sql_data_not_permitted"),
    (*b"39000", "external_routine_invocation_exception"),
    (*b"39001", "invalid_sqlstate_returned"),
    (*b"39004", "null_value_not_allowed"),
    (*b"39P01", "trigger_protocol_violated"),
    (*b"39P02", "srf_protocol_violated"),
    (*b"39P03", "event_trigger_protocol_violated"),
    (*b"3B000", "savepoint_exception"),
    (*b"3B001", "invalid_savepoint_specification"),
    (*b"3D000", "invalid_catalog_name"),
    (*b"3F000", "invalid_schema_name"),
    (*b"40000", "transaction_rollback"),
    (*b"40001", "serialization_failure"),
    (*b"40002", "transaction_integrity_constraint_violation"),
    (*b"40003", "statement_completion_unknown"),
    (*b"40P01", "deadlock_detected"),
    (*b"42000", "syntax_error_or_access_rule_violation"),
    (*b"42501", "insufficient_privilege"),
    (*b"42601", "syntax_error"),
    (*b"42602", "invalid_name"),
    (*b"42611", "invalid_column_definition"),
    (*b"42622", "name_too_long"),
    (*b"42701", "duplicate_column"),
    (*b"42702", "ambiguous_column"),
    (*b"42703", "undefined_column"),
    (*b"42704", "undefined_object"),
    (*b"42710", "duplicate_object"),
    (*b"42712", "duplicate_alias"),
    (*b"42723", "duplicate_function"),
    (*b"42725", "ambiguous_function"),
    (*b"42803", "grouping_error"),
    (*b"42804", "datatype_mismatch"),
    (*b"42809", "wrong_object_type"),
    (*b"42830", "invalid_foreign_key"),
    (*b"42846", "cannot_coerce"),
    (*b"42883", "undefined_function"),
    (*b"428C9", "generated_always"),
    (*b"42939", "reserved_name"),
    (*b"42P01", "undefined_table"),
    (*b"42P02", "undefined_parameter"),
    (*b"42P03", "duplicate_cursor"),
    (*b"42P04", "duplicate_database"),
    (*b"42P05", "duplicate_prepared_statement"),
    (*b"42P06", "duplicate_schema"),
    (*b"42P07", "duplicate_table"),
    (*b"42P08", "ambiguous_parameter"),
    (*b"42P09", "ambiguous_alias"),
    (*b"42P10", "invalid_column_reference"),
    (*b"42P11", "invalid_cursor_definition"),
    (*b"42P12", "invalid_database_definition"),
    (*b"42P13", "invalid_function_definition"),
    (*b"42P14", "invalid_prepared_statement_definition"),
    (*b"42P15", "invalid_schema_definition"),
    (*b"42P16", "invalid_table_definition"),
    (*b"42P17", "invalid_object_definition"),
    (*b"42P18", "indeterminate_datatype"),
    (*b"42P19", "invalid_recursion"),
    (*b"42P20", "windowing_error"),
    (*b"42P21", "collation_mismatch"),
    (*b"42P22", "indeterminate_collation"),
    (*b"44000", "with_check_option_violation"),
    (*b"53000", "insufficient_resources"),
    (*b"53100", "disk_full"),
    (*b"53200", "out_of_memory"),
    (*b"53300", "too_many_connections"),
    (*b"53400", "configuration_limit_exceeded"),
    (*b"54000", "program_limit_exceeded"),
    (*b"54001", "statement_too_complex"),
    (*b"54011", "too_many_columns"),
    (*b"54023", "too_many_arguments"),
    (*b"55000", "object_not_in_prerequisite_state"),
    (*b"55006", "object_in_use"),
    (*b"55P02", "cant_change_runtime_param"),
    (*b"55P03", "lock_not_available"),
    (*b"55P04", "unsafe_new_enum_value_usage"),
    (*b"57000", "operator_intervention"),
    (*b"57014", "query_canceled"),
    (*b"57P01", "admin_shutdown"),
    (*b"57P02", "crash_shutdown"),
    (*b"57P03", "cannot_connect_now"),
    (*b"57P04", "database_dropped"),
    (*b"57P05", "idle_session_timeout"),
    (*b"58000", "system_error"),
    (*b"58030", "io_error"),
    (*b"58P01", "undefined_file"),
    (*b"58P02", "duplicate_file"),
    (*b"58P03", "file_name_too_long"),
    (*b"72000", "snapshot_too_old"),
    (*b"F0000", "config_file_error"),
    (*b"F0001", "lock_file_exists"),
    (*b"HV000", "fdw_error"),
    (*b"HV001", "fdw_out_of_memory"),
    (*b"HV002", "fdw_dynamic_parameter_value_needed"),
    (*b"HV004", "fdw_invalid_data_type"),
    (*b"HV005", "fdw_column_name_not_found"),
    (*b"HV006", "fdw_invalid_data_type_descriptors"),
    (*b"HV007", "fdw_invalid_column_name"),
    (*b"HV008", "fdw_invalid_column_number"),
    (*b"HV009", "fdw_invalid_use_of_null_pointer"),
    (*b"HV00A", "fdw_invalid_string_format"),
    (*b"HV00B", "fdw_invalid_handle"),
    (*b"HV00C", "fdw_invalid_option_index"),
    (*b"HV00D", "fdw_invalid_option_name"),
    (*b"HV00J", "fdw_option_name_not_found"),
    (*b"HV00K", "fdw_reply_handle"),
    (*b"HV00L", "fdw_unable_to_create_execution"),
    (*b"HV00M", "fdw_unable_to_create_reply"),
    (*b"HV00N", "fdw_unable_to_establish_connection"),
    (*b"HV00P", "fdw_no_schemas"),
    (*b"HV00Q", "fdw_schema_not_found"),
    (*b"HV00R", "fdw_table_not_found"),
    (*b"HV010", "fdw_function_sequence_error"),
    (*b"HV014", "fdw_too_many_handles"),
    (*b"HV021", "fdw_inconsistent_descriptor_information"),
    (*b"HV024", "fdw_invalid_attribute_value"),
    (*b"HV090", "fdw_invalid_string_length_or_buffer_length"),
    (*b"HV091", "fdw_invalid_descriptor_field_identifier"),
    (*b"P0000", "plpgsql_error"),
    (*b"P0001", "raise_exception"),
    (*b"P0002", "no_data_found"),
    (*b"P0003", "too_many_rows"),
    (*b"P0004", "assert_failure"),
    (*b"XX000", "internal_error"),
    (*b"XX001", "data_corrupted"),
    (*b"XX002", "index_corrupted"),
];
