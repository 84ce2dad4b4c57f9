"""The functions that a query may call: what works on values, and nothing that looks at the machine it runs on.

Named one family after the other, so that a function which a new release of the engine brings is refused until
somebody has looked at it. Not among them: dictionaries, files, settings, hosts, users, servers, models, other tables by
their name (`joinGet`, `hasColumnInTable`), waiting (`sleep`), functions that take another one's name as a text, and
those that take the square of a value's length, or one element after the other (`editDistance`, `arrayFold`): the engine
looks at the clock between values, not within one.
"""

from __future__ import annotations

import re

_PLAIN = """
    and or not xor if multiIf coalesce ifNull nullIf assumeNotNull toNullable isNull isNotNull isZeroOrNull
    equals notEquals less greater lessOrEquals greaterOrEquals isDistinctFrom isNotDistinctFrom greatest least clamp
    in notIn globalIn globalNotIn nullIn notNullIn globalNullIn globalNotNullIn transform caseWithExpression
    caseWithoutExpression caseWithExpr caseWithoutExpr exists
    plus minus multiply divide divideOrNull divideDecimal multiplyDecimal intDiv intDivOrZero intDivOrNull modulo
    moduloOrZero moduloOrNull positiveModulo mod negate abs sign gcd lcm max2 min2 avg2 midpoint sqr isFinite isInfinite
    isNaN ifNotFinite
    acos acosh asin asinh atan atan2 atanh cbrt ceil ceiling cos cosh degrees e erf erfc exp exp10 exp2 factorial floor
    hypot intExp10 intExp2 lgamma ln log log10 log1p log2 pi pow power radians round roundAge roundBankers roundDown
    roundDuration roundToExp2 sigmoid sin sinh sqrt tan tanh tgamma trunc truncate widthBucket
    array has hasAll hasAny hasSubstr indexOf indexOfAssumeSorted countEqual empty notEmpty length reverse range
    replicate tuple untuple lambda dotProduct flatten
    CAST _CAST accurateCast accurateCastOrNull accurateCastOrDefault toString toFixedString toBool toLowCardinality
    toTypeName toStringCutToZero materialize identity
    now now64 today yesterday timeSlot timeSlots toTimeZone timeZoneOf timeZoneOffset dateName monthName age dateDiff
    date_diff timeDiff dateTrunc date_trunc date_add date_sub dateAdd dateSub timestamp_add timestamp_sub timestampDiff
    addDate subDate addInterval subtractInterval toInterval tumble tumbleStart tumbleEnd hop hopStart hopEnd
    toMonday toYear toQuarter toMonth toWeek toYearWeek toHour toMinute toSecond toMillisecond toDate32 toDaysInMonth
    year quarter month week day hour minute second dayOfWeek dayOfMonth dayOfYear date toTime formatDateTime
    formatDateTimeInJodaSyntax makeDate makeDate32 makeDateTime makeDateTime64 last_day
    ascii char concat concatWithSeparator concat_ws empty format hex unhex bin unbin initcap initcapUTF8 lengthUTF8
    char_length character_length like ilike notLike notILike match notMatch locate instr lower lowerUTF8 lcase upper
    upperUTF8 ucase repeat replace replaceOne replaceAll replaceRegexpOne replaceRegexpAll substr substring
    substringUTF8 substringIndex mid trim ltrim rtrim trimBoth trimLeft trimRight translate translateUTF8 soundex space
    base32Encode base32Decode base58Encode base58Decode base64Encode base64Decode tryBase64Decode overlay overlayUTF8
    isValidUTF8 toValidUTF8 reverseUTF8
    stringJaccardIndex naturalSortKey appendTrailingCharIfAbsent
    decodeHTMLComponent encodeXMLComponent decodeXMLComponent extractTextFromHTML tokens alphaTokens ngrams
    formatReadableDecimalSize formatReadableSize formatReadableQuantity formatReadableTimeDelta
    arrayStringConcat toJSONString isValidJSON
    domain domainWithoutWWW topLevelDomain firstSignificantSubdomain protocol path pathFull port queryString fragment
    queryStringAndFragment netloc URLHierarchy URLPathHierarchy decodeURLComponent encodeURLComponent
    decodeURLFormComponent encodeURLFormComponent
    cityHash64 sipHash64 sipHash128 xxHash32 xxHash64 halfMD5 MD5 SHA1 SHA256 SHA512 intHash32 intHash64 farmHash64
    javaHash CRC32 CRC64
    rand rand64 randUniform randNormal randCanonical generateUUIDv4 generateUUIDv7
    IPv4NumToString IPv4StringToNum IPv6NumToString IPv6StringToNum IPv4ToIPv6 isIPv4String isIPv6String
    isIPAddressInRange
    geoDistance greatCircleDistance greatCircleAngle pointInPolygon pointInEllipses geohashEncode geohashDecode
    geoToH3 h3ToGeo h3ToParent h3ToString stringToH3
    count avg avgWeighted entropy gini histogram retention windowFunnel sequenceCount sequenceMatch sequenceMatchEvents
    sequenceNextNode boundingRatio simpleLinearRegression singleValueOrNull sparkbar studentTTest welchTTest
    mannWhitneyUTest intervalLengthSum maxIntersections maxIntersectionsPosition deltaSum deltaSumTimestamp rankCorr
    kolmogorovSmirnovTest cramersV contingency exponentialMovingAverage exponentialTimeDecayedAvg std stddev median
    nonNegativeDerivative anyHeavy anyLast any any_value array_agg group_concat
    row_number rank dense_rank denseRank percent_rank percentRank cume_dist ntile lag lagInFrame lead leadInFrame
    first_value last_value nth_value grouping
    rowNumberInAllBlocks rowNumberInBlock runningDifference runningAccumulate neighbor
"""

_FAMILIES = (
    r"to(U?Int(8|16|32|64|128|256)|Float(32|64)|Decimal(32|64|128|256)|Date(32)?|DateTime(32|64)?|UUID|IPv[46])"
    r"(Or(Null|Zero|Default))?",
    r"toStartOf\w+",
    r"toLastDayOf(Month|Week)",
    r"toDayOf(Month|Week|Year)",
    r"toRelative\w+Num",
    r"toISO(Week|Year)",
    r"toYYYYMM\w*",
    r"toInterval(Nano|Micro|Milli)?(second|Second|Minute|Hour|Day|Week|Month|Quarter|Year)",
    r"(add|subtract)((Nano|Micro|Milli)?seconds|Seconds|Minutes|Hours|Days|Weeks|Months|Quarters|Years)",
    r"(from|to)UnixTimestamp(64)?(Second|Milli|Micro|Nano)?",
    r"parseDateTime(32|64)?(BestEffort(US)?)?(Or(Null|Zero))?",
    r"emptyArray\w+",
    r"array(?!Reduce)\w+",
    r"map\w*",
    r"tuple(?!To)\w+",
    r"bit(And|Or|Xor|Not|Count|Test|TestAny|TestAll|ShiftLeft|ShiftRight|HammingDistance)",
    r"JSON(Has|Length|Key|Keys|Type|ArrayLength|Extract\w*|_VALUE|_QUERY|_EXISTS)",
    r"(simpleJSON|visitParam)(Has|Extract\w+)",
    r"has(Token|Subsequence)\w*",
    r"(startsWith|endsWith)(UTF8|CaseInsensitive)?",
    r"position(CaseInsensitive)?(UTF8)?",
    r"multi(Search|Match)\w+",
    r"count(Substrings|Matches)\w*",
    r"extract(All|Groups|AllGroups\w*|URLParameter\w*|KeyValuePairs)?",
    r"splitBy(Char|String|Regexp|Whitespace|NonAlpha)",
    r"(left|right)(UTF8|Pad|PadUTF8)?",
    r"cut(WWW|Fragment|QueryString|QueryStringAndFragment|URLParameter|ToFirstSignificantSubdomain)",
    r"ngram(Distance|Search)\w*",
    r"murmurHash[23]_(32|64|128)",
    r"regexp(Extract|Replace|Matches|_replace|_extract|_matches|QuoteMeta)",
    r"(quantile|quantiles|median)(Exact|Timing|TDigest|Deterministic|DD|GK|BFloat16|Interpolated)?"
    r"(Weighted|WeightedInterpolated|Low|High|Exclusive|Inclusive)?",
    r"uniq(Exact|Combined|Combined64|HLL12|UpTo|Theta)?",
    r"(sum|min|max)(WithOverflow|Kahan|Map\w*|Count|MappedArrays)?",
    r"arg(Min|Max)",
    r"group(Array|UniqArray|BitAnd|BitOr|BitXor|Concat|ArrayLast|ArraySorted|ArraySample|ArrayMoving(Sum|Avg)"
    r"|ArrayInsertAt|ArrayIntersect)",
    r"topK(Weighted)?|approx_top_(k|count|sum)",
    r"(stddev|var|covar)_?(Pop|Samp)(Stable)?",
    r"(corr|skewPop|skewSamp|kurtPop|kurtSamp)(Stable)?",
)
_COMBINATORS = r"(If|Array|Map|ForEach|Distinct|OrDefault|OrNull|ArgMin|ArgMax|State|Merge|MergeState|Resample)*"

_ALLOWED = re.compile(
    rf"(?:{'|'.join([*_FAMILIES, *map(re.escape, sorted(set(_PLAIN.split())))])}){_COMBINATORS}", re.IGNORECASE
)
_NEVER = re.compile(r"arrayReduce\w*|arrayFold\w*|array(Levenshtein|Similarity|Autocorrelation)\w*", re.IGNORECASE)


def is_allowed(name: str) -> bool:
    """Whether a query may call the function of this name, in any case."""
    return _ALLOWED.fullmatch(name) is not None and not _NEVER.fullmatch(name)
