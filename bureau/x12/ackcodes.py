"""The codes of TA1 and 999: what each number says in our words, and which of them says what we found."""

from __future__ import annotations

from collections.abc import Mapping

INTERCHANGE_NOTES: Mapping[str, str] = {  # TA105
    "000": "no error",
    "001": "the control numbers of header and trailer differ",
    "002": "this control standard is not supported",
    "003": "this version of the envelope is not supported",
    "004": "the segment terminator is not valid",
    "005": "the sender's id qualifier is not valid",
    "006": "the sender's id is not valid",
    "007": "the receiver's id qualifier is not valid",
    "008": "the receiver's id is not valid",
    "009": "the receiver is not known",
    "010": "the authorization qualifier is not valid",
    "011": "the authorization value is not valid",
    "012": "the security qualifier is not valid",
    "013": "the security value is not valid",
    "014": "the interchange date is not valid",
    "015": "the interchange time is not valid",
    "016": "the repetition separator or standards id is not valid",
    "017": "the interchange version is not valid",
    "018": "the interchange control number is not valid",
    "019": "the request for an acknowledgement is not valid",
    "020": "the test indicator is not valid",
    "021": "the number of groups is wrong",
    "022": "the control segments do not fit together",
    "023": "the transmission ended too early",
    "024": "something inside the envelope is not valid",
    "025": "the interchange control number was used before",
    "026": "the element separator is not valid",
    "027": "the component separator is not valid",
    "028": "the delivery date of a deferred delivery is not valid",
    "029": "the delivery time of a deferred delivery is not valid",
    "030": "the delivery time code of a deferred delivery is not valid",
    "031": "the grade of service is not valid",
}
GROUP_ERRORS: Mapping[str, str] = {  # AK905
    "1": "this kind of group is not supported",
    "2": "this version of the group is not supported",
    "3": "the group trailer is missing",
    "4": "the control numbers of group header and trailer differ",
    "5": "the number of transaction sets is wrong",
    "6": "the group control number is not valid",
    "10": "the authentication key is unknown",
    "11": "the encryption key is unknown",
    "12": "authentication or encryption is not available",
    "13": "the security recipient is unknown",
    "14": "the security originator is unknown",
    "15": "the decrypted text is not valid",
    "16": "security is not supported",
    "17": "the encrypted length is wrong",
    "18": "the message could not be authenticated",
    "19": "the group control number occurs twice in the interchange",
    "23": "a group security trailer is missing",
    "24": "a group security header is missing",
    "25": "a group assurance trailer is missing",
    "26": "a group assurance header is missing",
}
SET_ERRORS: Mapping[str, str] = {  # IK502
    "1": "this transaction set is not supported",
    "2": "the set trailer is missing",
    "3": "the control numbers of set header and trailer differ",
    "4": "the number of segments is wrong",
    "5": "segments are in error",
    "6": "the set id is missing or not valid",
    "7": "the set control number is missing or not valid",
    "8": "the authentication key is unknown",
    "9": "the encryption key is unknown",
    "10": "the requested security is not available",
    "11": "the security recipient is unknown",
    "12": "the encrypted length is wrong",
    "13": "the message could not be authenticated",
    "15": "the security originator is unknown",
    "16": "the decrypted text is not valid",
    "17": "security is not supported",
    "18": "the set does not belong in this group",
    "19": "the named guide is not valid here",
    "23": "the set control number occurs twice in the group",
    "24": "a set security trailer is missing",
    "25": "a set security header is missing",
    "26": "a set assurance trailer is missing",
    "27": "a set assurance header is missing",
    "I5": "segments break the rules of the guide",
    "I6": "the guide is not supported",
}
SEGMENT_ERRORS: Mapping[str, str] = {  # IK304
    "1": "the segment is not known",
    "2": "the segment is not expected here",
    "3": "a required segment is missing",
    "4": "the loop stands too often",
    "5": "the segment stands too often",
    "6": "the segment does not belong to this transaction set",
    "7": "the segment is out of order",
    "8": "elements of the segment are in error",
    "I4": "a segment that the guide does not use is there",
    "I6": "a segment that something else calls for is missing",
    "I7": "the loop stands too seldom",
    "I8": "the segment stands too seldom",
    "I9": "a segment that something else forbids is there",
}
ELEMENT_ERRORS: Mapping[str, str] = {  # IK403
    "1": "a required element is missing",
    "2": "an element that another one calls for is missing",
    "3": "there are too many elements",
    "4": "the element is too short",
    "5": "the element is too long",
    "6": "the element holds a character that is not allowed",
    "7": "the code is not valid",
    "8": "the date is not valid",
    "9": "the time is not valid",
    "10": "elements that exclude each other are there",
    "11": "the element is repeated too seldom",
    "12": "the element is repeated too often",
    "13": "there are too many components",
    "I6": "the guide does not use this code",
    "I9": "an element that something else calls for is missing",
    "I10": "an element that the guide does not use is there",
    "I11": "the guide wants the element repeated more often",
    "I12": "the element does not have the form the guide asks for",
    "I13": "an element that something else forbids is there",
}

# What we find, as these codes say it: by the code of the problem ...
NOTE_OF: Mapping[str, str] = {
    "iea_control": "001", "iea_count": "021", "iea_missing": "023", "isa_duplicate": "025",
    "gs_unexpected": "022", "ge_unexpected": "022", "st_unexpected": "022", "iea_unexpected": "022",
    "se_unexpected": "024", "segment_outside": "024",
}  # fmt: skip
GROUP_CODE_OF: Mapping[str, str] = {"ge_missing": "3", "ge_control": "4", "ge_count": "5", "gs_duplicate": "19"}
SET_CODE_OF: Mapping[str, str] = {
    "se_missing": "2", "se_control": "3", "se_count": "4", "st_duplicate": "23", "st_version": "19",
}  # fmt: skip
SEGMENT_CODE_OF: Mapping[str, str] = {
    "segment_missing": "3", "loop_missing": "3", "claim_missing": "3", "date_missing": "3",
    "relationship_missing": "I6", "loop_repeated": "4", "segment_repeated": "5", "unknown_segment": "2",
    "claim_misplaced": "2", "line_misplaced": "2", "status_misplaced": "2",
}  # fmt: skip
ELEMENT_CODE_OF: Mapping[str, str] = {
    "element_missing": "1", "missing_amount": "1", "condition": "2", "too_many_elements": "3", "too_long": "5",
    "bad_number": "6", "bad_amount": "6", "bad_quantity": "6", "bad_character": "6", "bad_code": "7",
    "hl_sequence": "7", "hl_parent": "7", "hl_level": "7", "hl_child": "7", "line_sequence": "7",
    "bad_pointer": "7", "bad_date": "8", "bad_time": "9", "exclusion": "10", "not_used": "I10",
}  # fmt: skip
# ... and by the element of the envelope that is wrong.
NOTE_OF_ELEMENT: Mapping[str, str] = {
    "ISA01": "010", "ISA02": "011", "ISA03": "012", "ISA04": "013", "ISA05": "005", "ISA06": "006",
    "ISA07": "007", "ISA08": "008", "ISA09": "014", "ISA10": "015", "ISA11": "016", "ISA12": "017",
    "ISA13": "018", "ISA14": "019", "ISA15": "020", "ISA16": "027", "IEA01": "021", "IEA02": "001",
    "GS02": "024", "GS03": "024", "GS04": "024", "GS05": "024", "GS07": "024",
}  # fmt: skip
GROUP_CODE_OF_ELEMENT: Mapping[str, str] = {"GS01": "1", "GS06": "6", "GS08": "2", "GE01": "5", "GE02": "4"}
SET_CODE_OF_ELEMENT: Mapping[str, str] = {"ST01": "6", "ST02": "7", "ST03": "19", "SE01": "4", "SE02": "3"}

# Nothing that holds one of these can be taken; the others leave it usable.
REFUSING_NOTES = frozenset({"001", "017", "018", "022", "023", "025"})
REFUSING_GROUP_CODES = frozenset({"1", "2", "3", "4", "6", "19"})
