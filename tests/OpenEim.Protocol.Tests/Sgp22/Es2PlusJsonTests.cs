using System.Text;
using System.Text.Json.Serialization.Metadata;
using OpenEim.Protocol.Identifiers;
using OpenEim.Protocol.Sgp22;
using OpenEim.Protocol.Sgp22.Es2Plus;

namespace OpenEim.Protocol.Tests.Sgp22;

/// <summary>The JSON bodies of ES2+ (SGP.22 5.3, 6.5.2): exact texts both ways, and what is refused.</summary>
public sealed class Es2PlusJsonTests
{
    private const string Head = """{"functionRequesterIdentifier":"1.3.6.1.4.1.9.1","functionCallIdentifier":"call-1"}""";
    private const string Success = """{"functionExecutionStatus":{"status":"Executed-Success"}}""";
    private const string EidText = "89049032123451234512345678901235";

    private static readonly Es2PlusJsonContext Json = Es2PlusJsonContext.Default;
    private static readonly FunctionRequestHeader Header = new("1.3.6.1.4.1.9.1", "call-1");
    private static readonly Eid Eid = Eid.Parse(EidText);
    private static readonly Iccid Iccid = Iccid.Parse("8901234567890123456");

    [Fact]
    public void DownloadOrder_is_read_and_written()
    {
        const string text = $$"""{"header":{{Head}},"eid":"{{EidText}}","iccid":"8901234567890123456F","profileType":"iot"}""";
        var request = new DownloadOrderRequest(Header, Eid, Iccid, "iot");

        Assert.Equal(request, Read(text, Json.DownloadOrderRequestJson).ToRequest());
        Assert.Equal(text, Write(DownloadOrderRequestJson.From(request), Json.DownloadOrderRequestJson));
    }

    [Fact]
    public void DownloadOrder_by_type_alone_is_read_and_written()
    {
        const string text = $$"""{"header":{{Head}},"profileType":"iot"}""";
        var request = new DownloadOrderRequest(Header, null, null, "iot");

        Assert.Equal(request, Read(text, Json.DownloadOrderRequestJson).ToRequest());
        Assert.Equal(text, Write(DownloadOrderRequestJson.From(request), Json.DownloadOrderRequestJson));
    }

    [Fact]
    public void DownloadOrder_answers_the_ICCID()
    {
        const string text = $$"""{"header":{{Success}},"iccid":"8901234567890123456F"}""";

        Assert.Equal(Iccid, Read(text, Json.DownloadOrderResponseJson).ToIccid());
        Assert.Equal(text, Write(DownloadOrderResponseJson.From(Iccid), Json.DownloadOrderResponseJson));
    }

    [Theory]
    [InlineData("8901234567890123456", "8901234567890123456")]
    [InlineData("8901234567890123456F", "8901234567890123456")]
    [InlineData("8901234567890123456f", "8901234567890123456")]
    [InlineData("89012345678901234567", "89012345678901234567")]
    [InlineData("890123456789012345", "890123456789012345")]
    [InlineData("890123456789012345FF", "890123456789012345")]
    [InlineData("8968407b912170210043", "8968407B912170210043")]
    public void ICCID_is_18_to_20_digits_or_padded(string text, string digits) =>
        Assert.Equal(digits, new ReleaseProfileRequestJson(Header, text).ToRequest().Iccid.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("F")]
    [InlineData("89012345678901234")]
    [InlineData("8901234567890123456G")]
    [InlineData("8901234567890123456789")]
    [InlineData(null)]
    public void ICCID_of_another_form_is_refused(string? text) =>
        Assert.Throws<ProtocolException>(() => new ReleaseProfileRequestJson(Header, text).ToRequest());

    [Fact]
    public void ConfirmOrder_is_read_and_written()
    {
        const string text = $$"""{"header":{{Head}},"iccid":"8901234567890123456F","eid":"{{EidText}}","matchingId":"M-1","confirmationCode":"1234","smdsAddress":"s.example.org","releaseFlag":true}""";
        var request = new ConfirmOrderRequest(Header, Iccid, true, Eid, "M-1", "1234", "s.example.org");

        Assert.Equal(request, Read(text, Json.ConfirmOrderRequestJson).ToRequest());
        Assert.Equal(text, Write(ConfirmOrderRequestJson.From(request), Json.ConfirmOrderRequestJson));
    }

    [Fact]
    public void ConfirmOrder_answers_the_matching_id()
    {
        const string text = $$"""{"header":{{Success}},"eid":"{{EidText}}","matchingId":"M-1","smdpAddress":"d.example.org"}""";
        var ok = new ConfirmOrderOk("M-1", Eid, "d.example.org");

        Assert.Equal(ok, Read(text, Json.ConfirmOrderResponseJson).ToOk());
        Assert.Equal(text, Write(ConfirmOrderResponseJson.From(ok), Json.ConfirmOrderResponseJson));
    }

    [Theory]
    [InlineData("Available", FinalProfileStatus.Available)]
    [InlineData("Unavailable", FinalProfileStatus.Unavailable)]
    public void CancelOrder_is_read_and_written(string indicator, FinalProfileStatus status)
    {
        var text = $$"""{"header":{{Head}},"iccid":"8901234567890123456F","matchingId":"M-1","finalProfileStatusIndicator":"{{indicator}}"}""";
        var request = new CancelOrderRequest(Header, Iccid, status, null, "M-1");

        Assert.Equal(request, Read(text, Json.CancelOrderRequestJson).ToRequest());
        Assert.Equal(text, Write(CancelOrderRequestJson.From(request), Json.CancelOrderRequestJson));
    }

    [Fact]
    public void Failed_order_answers_only_its_header()
    {
        const string text = """{"header":{"functionExecutionStatus":{"status":"Failed","statusCodeData":{"subjectCode":"8.2.1","reasonCode":"3.9"}}}}""";

        Assert.Equal(text, Write(new HeaderOnlyResponseJson(FunctionResponseHeader.Failure(StatusCodes.UnknownIccid)), Json.HeaderOnlyResponseJson));
        var response = Read(text, Json.ConfirmOrderResponseJson);
        Assert.Equal(StatusCodes.UnknownIccid, response.FailureCode());
        Assert.Throws<ProtocolException>(response.ToOk);
    }

    [Fact]
    public void HandleDownloadProgressInfo_is_read_and_written()
    {
        const string text = $$"""{"header":{{Head}},"eid":"{{EidText}}","iccid":"8901234567890123456F","profileType":"iot","timestamp":"2026-03-01T10:20:30Z","notificationPointId":4,"notificationPointStatus":{"status":"Executed-Success"},"resultData":"vzcA"}""";
        var status = new FunctionExecutionStatus(FunctionExecutionStatus.ExecutedSuccess);
        var time = new DateTimeOffset(2026, 3, 1, 12, 20, 30, TimeSpan.FromHours(2));
        var request = new HandleDownloadProgressInfoRequest(
            Header, Iccid, "iot", time, NotificationPoint.BppInstallation, status, Eid, new byte[] { 0xBF, 0x37, 0x00 });

        var read = Read(text, Json.HandleDownloadProgressInfoRequestJson).ToRequest();

        Assert.Equal(request with { ResultData = null }, read with { ResultData = null });
        Assert.Equal(request.ResultData!.Value.ToArray(), read.ResultData!.Value.ToArray());
        Assert.Equal(text, Write(HandleDownloadProgressInfoRequestJson.From(request), Json.HandleDownloadProgressInfoRequestJson));
    }

    [Fact]
    public void Notification_point_is_read_from_text_too()
    {
        var text = $$"""{"header":{{Head}},"iccid":"8901234567890123456F","profileType":"iot","timestamp":"2026-03-01T10:20:30+01:00","notificationPointId":"3","notificationPointStatus":{"status":"Failed"} }""";

        var request = Read(text, Json.HandleDownloadProgressInfoRequestJson).ToRequest();

        Assert.Equal(NotificationPoint.BppDownload, request.NotificationPointId);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 9, 20, 30, TimeSpan.Zero), request.Timestamp);
    }

    [Theory]
    [InlineData("""{"iccid":"8901234567890123456F","releaseFlag":true}""")]
    [InlineData("""{"header":{},"iccid":"8901234567890123456F","releaseFlag":true}""")]
    [InlineData("""{"header":{"functionRequesterIdentifier":"a"},"iccid":"8901234567890123456F","releaseFlag":true}""")]
    [InlineData("""{"header":{"functionRequesterIdentifier":"a","functionCallIdentifier":"b"},"releaseFlag":true}""")]
    [InlineData("""{"header":{"functionRequesterIdentifier":"a","functionCallIdentifier":"b"},"iccid":"8901234567890123456F"}""")]
    [InlineData("""{"header":{"functionRequesterIdentifier":"a","functionCallIdentifier":"b"},"iccid":"8901234567890123456F","releaseFlag":"yes"}""")]
    [InlineData("""{"header":{"functionRequesterIdentifier":"a","functionCallIdentifier":"b"},"iccid":"8901234567890123456F","releaseFlag":true,"eid":"12"}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("")]
    public void Order_with_a_missing_or_malformed_field_is_refused(string text) =>
        Assert.Throws<ProtocolException>(() => Read(text, Json.ConfirmOrderRequestJson).ToRequest());

    [Theory]
    [InlineData("Deleted")]
    [InlineData("available")]
    [InlineData(null)]
    public void Final_status_of_another_name_is_refused(string? indicator) =>
        Assert.Throws<ProtocolException>(() =>
            new CancelOrderRequestJson(Header, "8901234567890123456", FinalProfileStatusIndicator: indicator).ToRequest());

    [Fact]
    public void Overlong_text_is_refused()
    {
        Assert.Throws<ProtocolException>(() => new DownloadOrderRequestJson(Header, ProfileType: new string('x', 256)).ToRequest());
        Assert.Throws<ProtocolException>(() => new DownloadOrderRequestJson(new FunctionRequestHeader(new string('x', 256), "b")).ToRequest());
    }

    private static T Read<T>(string text, JsonTypeInfo<T> type) where T : class => RspJson.Read(Encoding.UTF8.GetBytes(text), type);

    private static string Write<T>(T value, JsonTypeInfo<T> type) where T : class => Encoding.UTF8.GetString(RspJson.Write(value, type));
}
